import Testing

@testable import PackerModel

@Suite("Asset records")
struct AssetRecordTests {
    /// Everything that a record is made of.
    private struct Contents {
        var folderInode: UInt64
        var fingerprint: Fingerprint?
        var declaration: Declaration?
        var uuid: AssetUUID?
        var uuidPosition: SourcePosition?
        var inputs: [Asset.InputFile]
        var diagnostics: [Diagnostic]

        var record: AssetRecord {
            AssetRecord(
                folderInode: folderInode, fingerprint: fingerprint, declaration: declaration, uuid: uuid,
                uuidPosition: uuidPosition, inputs: inputs, diagnostics: diagnostics)
        }
    }

    @Test("a record gives back exactly what was put in", arguments: 0..<UInt64(400))
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let put = Self.contents(&generator)
        let record = put.record
        #expect(record.folderInode == put.folderInode)
        #expect(record.fingerprint == put.fingerprint && record.hasFile == (put.fingerprint != nil))
        #expect(record.uuid == put.uuid && record.uuidPosition == put.uuidPosition)
        #expect(record.diagnostics == put.diagnostics)
        #expect(record.inputs.map(\.members) == put.inputs.map(\.members) && record.inputCount == put.inputs.count)
        var walked: [String] = []
        record.forEachInput { walked.append("\(Array($0.utf8)) \(String(describing: $1))") }
        #expect(walked == put.inputs.map { "\(Array($0.path.utf8)) \(String(describing: $0.fingerprint))" })
        #expect(record.declaration == put.declaration && record.hasDeclaration == (put.declaration != nil))
        #expect(record.declaration?.members == put.declaration?.members)
        if let declaration = put.declaration { #expect(Array(record.name.utf8) == Array(declaration.name.utf8)) }
        // Made of what was read of a record, it is the same again.
        #expect(record.with(diagnostics: put.diagnostics).declaration == put.declaration)
    }

    @Test("a declaration that was read changes like one that was written", arguments: 0..<UInt64(50))
    func changed(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var written = Self.declaration(&generator)
        var read = try #require(AssetRecord(declaration: written).declaration)
        #expect(read == written)
        func change(_ declaration: inout Declaration) {
            declaration.uuid = Sample.uuid(seed)
            declaration.name += "\u{301}"
            declaration.type = .map
            declaration.inputs.append(Declaration.InputRole(role: "more", paths: ["x"]))
            declaration.output.format = "NEW/format_v2"
            declaration.output.metadata += " "
            declaration.preloadEnabled.toggle()
        }
        let before = read
        change(&written)
        change(&read)
        #expect(read == written && read.members == written.members)
        #expect(before != read, "a copy keeps what it had")
    }

    @Test(
        "small numbers take few bytes, and any number comes back",
        arguments: [UInt64](arrayLiteral: 0, 1, 127, 128, .max))
    func numbers(number: UInt64) {
        for base in [0, 1, number, number &+ 1, number &- 300, .max] {
            var writer = PackedWriter(capacity: 0)
            writer.number(number)
            writer.number(number, near: base)
            let size = writer.bytes.count
            writer.whole(number)
            writer.bytes.withUnsafeBufferPointer { bytes in
                var reader = PackedReader(bytes.baseAddress!)
                #expect(reader.number() == number && reader.number(near: base) == number && reader.whole() == number)
            }
            if number < 128 && base == number { #expect(size == 2) }
        }
    }

    // MARK: Random contents

    private static let texts = [
        "", "a", "tiles", "fifteen bytes..", "sixteen bytes...", "é", "e\u{301}", "\u{600}/../x", "a\0b", "😀",
        "日本語の名前です",
        "\u{feff}", "\r\n", "{ \"a\" : [1,\t2] }", String(repeating: "long ", count: 60), "\u{10ffff}",
    ]

    private static func text(_ generator: inout SeededGenerator) -> String {
        let text = texts.randomElement(using: &generator)!
        // A part of a longer text is another kind of String.
        return generator.oneIn(4) ? String(("x" + text).dropFirst()) : text + (generator.oneIn(3) ? text : "")
    }

    private static func number(_ generator: inout SeededGenerator) -> UInt64 {
        switch generator.number(0..<5) {
        case 0: 0
        case 1: .max
        case 2: 1 << 63
        case 3: generator.next()
        default: 1_700_000_000_000_000_000 + UInt64(generator.number(0..<5000))
        }
    }

    private static func fingerprint(_ generator: inout SeededGenerator) -> Fingerprint? {
        if generator.oneIn(5) { return nil }
        return Fingerprint(
            kind: [.file, .folder, .symlink, .other].randomElement(using: &generator)!, size: number(&generator),
            modified: Int64(bitPattern: number(&generator)), changed: Int64(bitPattern: number(&generator)),
            inode: number(&generator), isExecutable: generator.oneIn(2), isHardLinked: generator.oneIn(2),
            digest: generator.oneIn(2) ? Fingerprint.Digest(low: generator.next(), high: generator.next()) : nil)
    }

    private static func position(_ generator: inout SeededGenerator) -> SourcePosition? {
        if generator.oneIn(3) { return nil }
        return SourcePosition(
            line: generator.oneIn(4) ? .max : generator.number(0..<400), column: generator.number(0..<100))
    }

    private static func declaration(_ generator: inout SeededGenerator) -> Declaration {
        let roles = (0..<generator.number(0..<4)).map { _ in
            Declaration.InputRole(
                role: text(&generator), paths: (0..<generator.number(0..<4)).map { _ in text(&generator) })
        }
        return Declaration(
            uuid: AssetUUID(using: &generator), name: text(&generator), type: AssetType(rawValue: text(&generator)),
            inputs: roles,
            output: Declaration.Output(
                format: text(&generator), codec: text(&generator), metadata: text(&generator)),
            preloadEnabled: generator.oneIn(2))
    }

    private static func contents(_ generator: inout SeededGenerator) -> Contents {
        let declaration = generator.oneIn(4) ? nil : declaration(&generator)
        var inputs: [Asset.InputFile] = []
        for role in declaration?.inputs ?? [] {
            for path in role.paths {
                inputs.append(
                    Asset.InputFile(
                        role: role.role, path: path, fingerprint: fingerprint(&generator),
                        position: position(&generator)))
            }
        }
        if generator.oneIn(4) {
            // Not those that the declaration names: another spelling, one more, one less.
            switch (generator.number(0..<3), inputs.indices.randomElement(using: &generator)) {
            case (0, let index?): inputs[index].path += "\u{301}"
            case (1, let index?): inputs.remove(at: index)
            default: inputs.append(Asset.InputFile(role: text(&generator), path: text(&generator), fingerprint: nil))
            }
        }
        return Contents(
            folderInode: number(&generator), fingerprint: fingerprint(&generator), declaration: declaration,
            uuid: generator.oneIn(3) ? declaration?.uuid : generator.oneIn(2) ? nil : AssetUUID(using: &generator),
            uuidPosition: position(&generator), inputs: inputs,
            diagnostics: generator.oneIn(2)
                ? [] : [Diagnostic(.declarationSyntax, path: text(&generator), message: text(&generator), remedy: "")])
    }
}

extension Asset.InputFile {
    fileprivate var members: String {
        "\(Array(role.utf8)) \(Array(path.utf8)) \(String(describing: fingerprint)) \(String(describing: position))"
    }
}
