import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("apply against a plain model")
struct ApplyModelTests {
    /// A project with the script's strays.
    private func project() throws -> TemporaryFolder {
        let folder = try Fixtures.empty()
        for (index, root) in MutationScript.strays.enumerated() {
            let identity = String(MutationScript.identity(index), radix: 16)
            let uuid = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - identity.count) + identity
            let declaration = """
                {"schema_version":1,"asset_uuid":"\(uuid)","name":"Stray","type":"data",
                 "inputs":{"source":["there.png"]},"output":{"format":"DATA/raw_v1","codec":"NONE","metadata":{}},
                 "preload":{"enabled":false}}

                """
            try folder.write(declaration, to: "assets/\(root)/asset.json")
            try folder.write("bytes", to: "assets/\(root)/there.png")
        }
        return folder
    }

    private func write(_ script: MutationScript, to folder: TemporaryFolder) throws -> String {
        try folder.write(Array(script.lines.joined(separator: [UInt8(ascii: "\n")])), to: "changes.jsonl")
        return folder.path + "/changes.jsonl"
    }

    @Test("10,000 mixed mutations end as a plain model says, and a fresh bootstrap equals the live snapshot")
    func live() async throws {
        let foreign = ["stray/s3", "stray/s11"]
        let script = MutationScript(seed: 3, count: 10_000, foreign: foreign)
        let folder = try project()
        let lines = try write(script, to: folder)
        let project = try await PackerProject.open(folder)
        for root in foreign {
            let text = try folder.text("assets/\(root)/asset.json")
            try folder.write(text.replacing("Stray", with: "Theirs"), to: "assets/\(root)/asset.json")
        }
        try folder.write("", to: "outcomes")
        let output = try #require(FileHandle(forWritingAtPath: folder.path + "/outcomes"))
        let report = await ApplyRun(
            try LineSource(path: lines), project, ProgressLine(), output: Output(descriptor: output.fileDescriptor)
        ).run()
        #expect(report.failure == nil)
        let outcomes = try folder.text("outcomes").split(separator: "\n").map { try JSONObject(String($0)) }
        let identities = try check(outcomes, script)
        for root in foreign { _ = try await project.refresh(.asset(#require(AssetReference(root)))).result }
        let live = project.snapshot
        check(live, script.model, identities, foreign: foreign)
        try check(folder, script.model)
        await project.close()
        let fresh = try await PackerProject.open(folder, .readOnly)
        #expect(live.assetsText == fresh.snapshot.assetsText)
        await fresh.close()
        for verb in [
            "create", "register", "include", "exclude", "update", "relocate", "unregister", "delete", "restore",
            "emptyTrash", "reidentify", "transaction",
        ] {
            #expect(script.committed[verb, default: 0] > 3, "\(verb): \(script.committed)")
        }
        for code in [
            "mutation.invalid", "asset.unknown", "asset.state", "root.occupied", "root.nested", "name.invalid",
            "name.collision", "declaration.invalid", "trash.unknown", "path.diverged",
        ] {
            #expect(script.refused[code, default: 0] > 0, "\(code): \(script.refused)")
        }
    }

    /// - Returns: the uuid of each identity.
    private func check(_ outcomes: [JSONObject], _ script: MutationScript) throws -> [Int: String] {
        #expect(outcomes.count == script.expected.count)
        var uuids: [Int: String] = [:]
        var generation = 1
        var wrong = 0
        for (outcome, expected) in zip(outcomes, script.expected) {
            let shown = String(decoding: script.lines[expected.line - 1].prefix(400), as: UTF8.self)
            var problem: String?
            if outcome["line"] != "\(expected.line)" || (outcome["name"] ?? "") != expected.name ?? "null" {
                problem = "line \(expected.line), \(expected.name ?? "null")"
            }
            switch expected.outcome {
            case .refused(let codes):
                if outcome["status"] != "refused" || !codes.contains(outcome["error.code"] ?? "") {
                    problem = "refused with \(codes)"
                }
            case .committed(let touched):
                let now = Int(outcome["generation"] ?? "") ?? 0
                if outcome["status"] != "committed" || now < generation { problem = "committed" }
                generation = max(now, generation)
                let places = zip(outcome.all("assets[].root"), outcome.all("assets[].id"))
                let uuid = Dictionary(zip(outcome.all("assets[].root"), outcome.all("assets[].uuid"))) { $1 }
                let isPlain = expected.changes.count == 1
                if isPlain, Set(places.map { WorkspaceModel.Touched(id: Int($1), root: $0) }) != Set(touched.values) {
                    problem = "touching \(touched.values)"
                }
                for (identity, asset) in touched {
                    guard let given = uuid[asset.root] else { continue }
                    if let known = uuids[identity], known != given { problem = "the uuid \(known)" }
                    uuids[identity] = given
                }
            }
            guard let problem else { continue }
            wrong += 1
            if wrong <= 3 { Issue.record("\(shown)\nshould be \(problem)\nbut is \(outcome)") }
        }
        try #require(wrong == 0)
        return uuids
    }

    private func check(
        _ snapshot: Snapshot, _ model: WorkspaceModel, _ uuids: [Int: String], foreign: [String]
    ) {
        #expect(snapshot.count == model.assets.count)
        var live: [String: WorkspaceModel.Entry] = [:]
        snapshot.forEachAsset { asset in
            let entry = model.assets[asset.root.path]
            if let uuid = entry.flatMap({ uuids[$0.identity] }) { #expect(asset.uuid?.description == uuid) }
            live[asset.root.path] = WorkspaceModel.Entry(
                identity: entry?.identity ?? 0, id: asset.id.map { Int($0.rawValue) },
                isIncluded: asset.isIncludedInBuild,
                name: entry?.isForeign == true ? "Stray" : asset.declaration?.name ?? "",
                codec: asset.declaration?.output.codec ?? "", preloads: asset.declaration?.preloadEnabled ?? false,
                input: asset.declaration?.inputs.first?.paths.first, isForeign: entry?.isForeign ?? false)
            if let entry, !model.isCopied(asset.root.path) {
                #expect((asset.validity == .valid) == entry.isValid, "\(asset.root): \(asset.diagnostics)")
            }
            return true
        }
        #expect(live == model.assets)
        let trash = snapshot.trash.map { item in
            [item.root.path: Set(item.assets.map { "\($0.id) \($0.root)" })]
        }
        let wanted = model.trash.map { item in
            [item.root: Set(item.assets.map { "\($0.value.id ?? 0) \($0.key)" })]
        }
        #expect(Set(trash) == Set(wanted))
        #expect(trash.count == wanted.count)
    }

    private func check(_ folder: TemporaryFolder, _ model: WorkspaceModel) throws {
        var folders = Set<String>()
        var files = Set<String>()
        for name in try folder.contents(except: ["assets/.prometeu", "changes.jsonl", "outcomes"]).keys {
            if name.hasSuffix("/") { folders.insert(String(name.dropLast())) } else { files.insert(name) }
        }
        #expect(folders == Set(model.folders.map { "assets/" + $0 } + ["assets"]))
        let declarations = Set(model.assets.keys.map { "assets/\($0)/asset.json" })
        #expect(files.filter { $0.hasSuffix("/asset.json") } == declarations)
    }
}

extension Snapshot {
    /// Everything that it says, but for its session, its generation, and who opened it how.
    fileprivate var assetsText: [String] { text.filter { !$0.hasPrefix("access ") } }
}
