import CJSON
import PackerModel
import PackerTestSupport
import Testing
import WorkspaceFormat

@Suite struct DeclarationReadingTests {
    private func read(_ text: String) -> DeclarationReading {
        DeclarationFormat().read(Array(text.utf8), path: "asset.json")
    }

    @Test("a sound declaration is read whole, without diagnostics")
    func sound() {
        let reading = read(SampleDeclaration.text)
        #expect(reading.declaration == SampleDeclaration.value)
        #expect(reading.uuid == SampleDeclaration.value.uuid)
        #expect(reading.diagnostics.isEmpty)
    }

    @Test("members in another order, unknown members, escapes and metadata are read as they stand")
    func unusual() {
        let reading = read(
            #"""
            {"output":{"metadata":{ "tile_size" : 1.60e1,"z":[null] },"codec":"N\u004fNE","extra":{},"format":"MAP\/v1"},
            "notes":[1e0,{"preload":{"enabled":true}}],"inputs":{"b":["z.png","sub/ä.png"],"a":[]},"preload":{"enabled":true},
            "typ\u0065":"map","n\u0061me":"L\u00e4nge \ud83d\ude00","asset_uuid":"f5359a73-5aab-43c7-ae60-986554f520de","schema_version":1}
            """#
        )
        let expected = Declaration(
            uuid: SampleDeclaration.value.uuid,
            name: "Länge 😀",
            type: .map,
            inputs: [
                Declaration.InputRole(role: "b", paths: ["z.png", "sub/ä.png"]),
                Declaration.InputRole(role: "a", paths: []),
            ],
            output: Declaration.Output(
                format: "MAP/v1",
                codec: "NONE",
                metadata: #"{ "tile_size" : 1.60e1,"z":[null] }"#
            ),
            preloadEnabled: true
        )
        #expect(reading.declaration == expected)
        #expect(reading.diagnostics.isEmpty)
    }

    @Test("a type that is not known is a warning, and the declaration is valid")
    func unknownType() {
        let reading = read(SampleDeclaration.text.replacing("tile_bank", with: "video"))
        #expect(reading.declaration?.type == AssetType(rawValue: "video"))
        #expect(reading.diagnostics.map(\.code) == [.declarationUnknownType])
        #expect(reading.diagnostics.map(\.severity) == [.warning])
        #expect(reading.diagnostics.map(\.column) == [11])
    }

    @Test("preload is false where the member, or its enabled, is missing", arguments: ["", ", \"preload\": {}"])
    func preloadDefault(_ member: String) {
        let reading = read(String(SampleDeclaration.text.dropLast(2)) + member + "}")
        #expect(reading.declaration?.preloadEnabled == false)
        #expect(reading.diagnostics.isEmpty)
    }

    @Test("64 levels are read, and the largest file too")
    func limits() {
        #expect(CJSON_MAXIMUM_DEPTH == Declaration.maximumDepth)
        let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        #expect(read("{\"deep\": \(deep)," + SampleDeclaration.text.dropFirst()).diagnostics.isEmpty)
        let padding = String(repeating: " ", count: Declaration.maximumBytes - SampleDeclaration.text.utf8.count)
        #expect(read(SampleDeclaration.text + padding).diagnostics.isEmpty)
    }

    @Test("one format reads many files, a broken one between sound ones")
    func reuse() {
        let format = DeclarationFormat()
        for _ in 0..<3 {
            #expect(format.read(Array("{\"a\": [{".utf8), path: "asset.json").declaration == nil)
            let reading = format.read(Array(SampleDeclaration.text.utf8), path: "asset.json")
            #expect(reading.declaration == SampleDeclaration.value)
        }
    }
}

@Suite struct DeclarationWritingTests {
    @Test("a new file has the one form that we make")
    func canonical() {
        var declaration = SampleDeclaration.value
        declaration.inputs.append(Declaration.InputRole(role: "none", paths: []))
        declaration.inputs[0].paths.append("b.png")
        declaration.name = "\"Ä\\\u{1}\n\u{7f}/"
        #expect(
            String(decoding: DeclarationFormat.write(declaration), as: UTF8.self) == #"""
                {
                  "schema_version": 1,
                  "asset_uuid": "f5359a73-5aab-43c7-ae60-986554f520de",
                  "name": "\"Ä\\\u0001\n\#u{7f}/",
                  "type": "tile_bank",
                  "inputs": {
                    "sprites": [
                      "hero.png",
                      "b.png"
                    ],
                    "none": []
                  },
                  "output": {
                    "format": "TILES/indexed_v1",
                    "codec": "NONE",
                    "metadata": {}
                  },
                  "preload": {
                    "enabled": false
                  }
                }

                """#
        )
    }

    @Test("what is written reads back as the same value", arguments: 0..<200)
    func roundTrip(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let declaration = Declaration(using: &random)
        let reading = DeclarationFormat().read(DeclarationFormat.write(declaration), path: "asset.json")
        #expect(reading.declaration == declaration, "seed \(seed)")
        #expect(DeclarationFormat().problems(writing: declaration, path: "asset.json").isEmpty, "seed \(seed)")
    }

    @Test(
        "what would not read back as it is has problems before it is written",
        arguments: [
            "", "[]", "{", "{}}", "{}, \"enabled\": {}", "{}}, \"x\": {\"y\": {}", "{\"a\": 1, \"a\": 2}",
            "{\"a\": \"\\u0000\"}",
        ]
    )
    func problemsInMetadata(_ metadata: String) {
        var declaration = SampleDeclaration.value
        declaration.output.metadata = metadata
        #expect(!DeclarationFormat().problems(writing: declaration, path: "asset.json").isEmpty)
    }

    @Test("a name, role or path that the reader would refuse is a problem before it is written")
    func problemsInText() {
        let changes: [(inout Declaration) -> Void] = [
            { $0.name = "" }, { $0.name = "a\0" }, { $0.inputs[0].paths = ["../x"] }, { $0.inputs += $0.inputs },
            { $0.output.format = "x" }, { $0.type = AssetType(rawValue: "") },
        ]
        for (index, change) in changes.enumerated() {
            var declaration = SampleDeclaration.value
            change(&declaration)
            #expect(!DeclarationFormat().problems(writing: declaration, path: "asset.json").isEmpty, "change \(index)")
        }
    }
}
