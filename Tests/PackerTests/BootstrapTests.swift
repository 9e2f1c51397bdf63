import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

private let hasPython = Fixtures.has("python3")

@Suite("What bootstrap meets")
struct BootstrapTests {
    private struct Expected: Decodable, Hashable {
        var path: String
        var code: String
        var severity: String
        var line: Int?
        var column: Int?
    }

    @Test(
        "every fault of a project that is broken in every way is told once, with its place, and costs nothing else",
        .enabled(if: hasPython, "the broken project is made by a Python script, and python3 is not installed")
    )
    func broken() async throws {
        let folder = try Fixtures.make("make_broken.py", [])
        let expected = Set(try JSONDecoder().decode([Expected].self, from: Data(folder.read("expected.json"))))
        let before = try folder.contents(except: ["assets/.prometeu"])
        let project = try await PackerProject.open(folder)
        let snapshot = project.snapshot
        let found = snapshot.allDiagnostics
        for fault in expected {
            let matches = found.filter { $0.path == fault.path && $0.code.rawValue == fault.code }
            #expect(!matches.isEmpty, "not told: \(fault)")
            #expect(matches.allSatisfy { $0.severity.rawValue == fault.severity }, "\(matches)")
            if let line = fault.line {
                #expect(matches.contains { $0.line == line && $0.column == fault.column }, "\(matches)")
            }
        }
        for diagnostic in found {
            #expect(!diagnostic.message.isEmpty && !diagnostic.remedy.isEmpty)
            #expect(
                expected.contains { $0.path == diagnostic.path && $0.code == diagnostic.code.rawValue },
                "told without cause: \(diagnostic)"
            )
        }
        for name in ["one", "two", "three"] {
            let asset = try #require(snapshot.asset(at: AssetRoot(validating: "healthy/\(name)")))
            #expect(asset.validity == .valid && asset.diagnostics == [] && asset.inputs.count == 1)
        }
        #expect(snapshot.access == .writable)
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "fresh"), type: .data))).result
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
        // A reader never repairs: but for the asset that was made, every byte is where it was.
        let after = try folder.contents(except: ["assets/.prometeu", "assets/fresh"])
        #expect(after == before)
    }

    @Test(
        "a registry that cannot be read whole makes the project read-only and hides nothing that can be read",
        .enabled(if: hasPython, "the broken project is made by a Python script, and python3 is not installed"),
        arguments: [
            ("broken", "registry.syntax", true), ("newer", "registry.newerSchema", false),
            ("unreadable", "registry.unreadable", false), ("none", "registry.unreadable", false),
        ]
    )
    func brokenRegistry(_ mode: String, _ code: String, _ knowsFirstSegment: Bool) async throws {
        let folder = try Fixtures.make("make_broken.py", ["--registry", mode])
        let before = try folder.contents(except: ["assets/.prometeu/journal", "assets/.prometeu/shadow"])
        let project = try await PackerProject.open(folder)
        let snapshot = project.snapshot
        #expect(snapshot.diagnostics.contains { $0.code.rawValue == code && $0.severity == .error })
        guard case .readOnly(let reason) = snapshot.access else {
            Issue.record("a project with a broken registry takes writes")
            return
        }
        #expect(reason.code == .readOnly && !reason.paths.isEmpty)
        let healthy = try #require(snapshot.asset(at: AssetRoot(validating: "healthy/one")))
        #expect(healthy.registration == (knowsFirstSegment ? .registered : .unknown))
        #expect(try #require(snapshot.asset(at: AssetRoot(validating: "unregistered/valid"))).registration == .unknown)
        let refused = try project.submit(.create(NewAsset(root: AssetRoot(validating: "fresh"), type: .data)))
        await #expect { try await refused.result } throws: { ($0 as? PackerError)?.code == .readOnly }
        await project.close()
        let after = try folder.contents(except: ["assets/.prometeu/journal", "assets/.prometeu/shadow"])
        #expect(after == before)
    }

    @Test("a repaired registry takes writes again after a refresh")
    func repaired() async throws {
        let folder = try Fixtures.game()
        let good = try folder.read("assets/.prometeu/index.json")
        try folder.write("{", to: "assets/.prometeu/index.json")
        let project = try await PackerProject.open(folder)
        #expect(project.snapshot.access != .writable)
        try folder.write(good, to: "assets/.prometeu/index.json")
        _ = try await project.refresh().result
        #expect(project.snapshot.access == .writable)
        #expect(project.snapshot.allDiagnostics == [])
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "fresh"), type: .data))).result
        await project.close()
    }

    @Test(
        "a control folder that is missing is made without a registry, which comes with the first command that needs it")
    func missingControl() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a file", to: "assets/notes")
        let reader = try await PackerProject.open(folder, .readOnly)
        await reader.close()
        #expect(!folder.exists("assets/.prometeu"))
        let project = try await PackerProject.open(folder)
        #expect(project.snapshot.access == .writable && project.snapshot.allDiagnostics == [])
        #expect(folder.exists("assets/.prometeu/.gitignore") && !folder.exists("assets/.prometeu/index.json"))
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "first"), type: .data))).result
        #expect(project.snapshot.list().assets.map(\.id?.rawValue) == [1])
        #expect(folder.exists("assets/.prometeu/index.json"))
        await project.close()
    }

    @Test("a missing workspace is an error that names it, and is made where the host asks for that")
    func missing() async throws {
        let folder = try TemporaryFolder()
        await #expect { try await PackerProject.open(folder) } throws: { error in
            let error = error as? PackerError
            return error?.code == .workspaceMissing && error?.paths == [folder.path + "/assets"]
        }
        await #expect { try await PackerProject.open(folder.path + "/nowhere", sink: EventRecorder()) } throws: {
            ($0 as? PackerError)?.code == .workspaceMissing
        }
        let made = try await PackerProject.open(
            folder.path, options: PackerOptions(createsWorkspace: true), sink: EventRecorder()
        )
        #expect(made.snapshot.count == 0 && made.snapshot.allDiagnostics == [])
        _ = try await made.submit(.create(NewAsset(root: AssetRoot(validating: "first"), type: .data))).result
        await made.close()
        #expect(folder.exists("assets/first/asset.json"))
    }

    @Test("progress is told with counts while the disk is read, and its last word agrees with the snapshot")
    func progress() async throws {
        let folder = try Fixtures.game()
        let sink = EventRecorder()
        let project = try await PackerProject.open(folder, sink: sink)
        let told = sink.wait { if case .bootstrapProgress(let counts) = $0.kind { counts.isComplete } else { false } }
        guard case .bootstrapProgress(let counts)? = told?.kind else {
            Issue.record("no progress was told")
            return
        }
        #expect(counts.assets == project.snapshot.count && counts.folders > counts.assets)
        await project.close()
    }

    @Test(
        "ten thousand assets open and list, page by page, without one missing",
        .enabled(if: hasPython, "the workspace is made by a Python script, and python3 is not installed")
    )
    func large() async throws {
        let folder = try Fixtures.make("generate_workspace.py", ["--assets", "10000"])
        let project = try await PackerProject.open(folder)
        let snapshot = project.snapshot
        #expect(snapshot.count == 10_000 && snapshot.allDiagnostics == [])
        var seen = 0
        var last: AssetRoot?
        var page = snapshot.list(limit: 100)
        while true {
            for asset in page.assets {
                #expect(last.map { $0 < asset.root } ?? true)
                last = asset.root
            }
            seen += page.assets.count
            guard let next = page.next else { break }
            page = snapshot.list(after: next, limit: 100)
        }
        #expect(seen == 10_000)
        _ = try await project.submit(.create(NewAsset(root: AssetRoot(validating: "one/more"), type: .data))).result
        #expect(project.snapshot.asset(AssetID(rawValue: 10_001)!)?.root.path == "one/more")
        await project.settled()
        #expect(project.coverage == .complete(inputsVerified: true))
        #expect(project.divergences.divergences == [])
        await project.close()
    }
    @Test("what keeps our own files out of version control is there whole or not at all, wherever an opening ends")
    func ignoreFile() async throws {
        let name = "assets/.prometeu/.gitignore"
        let reference = try Fixtures.empty()
        try await PackerProject.open(reference).close()
        let whole = try reference.text(name)
        #expect(whole.contains("journal\n") && whole.contains("shadow/\n"))
        var call = 0
        while true {
            call += 1
            let folder = try Fixtures.empty()
            let faults = FailAt(call, of: "packer.open.workspace")
            do throws(PackerError) {
                let options = PackerOptions(settleTime: .zero)
                try await PackerProject.open(
                    folder.path, options: options, sink: EventRecorder(), disk: LinuxDisk(faults: faults)
                ).close()
                break
            } catch {
                #expect(!error.remedy.isEmpty, "call \(call)")
            }
            #expect(try !folder.exists(name) || folder.text(name) == whole, "call \(call)")
            try await PackerProject.open(folder).close()
            #expect(try folder.text(name) == whole, "call \(call)")
        }
        #expect(call > 5)
    }
}

/// Fails one call at a fault point.
private final class FailAt: FaultInjector {
    private let call: Int
    private let point: String
    private let count = Guarded(0)

    init(_ call: Int, of point: String) {
        self.call = call
        self.point = point
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == self.point else { return .proceed }
        return count.withLock { count in
            count += 1
            return count == call ? .fail(EIO) : .proceed
        }
    }
}
