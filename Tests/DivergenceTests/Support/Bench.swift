import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// An open project beside a diff from scratch.
final class Bench {
    let folder: TemporaryFolder
    let project: PackerProject
    let sink: EventRecorder
    /// What the inputs' bytes were when the snapshot was last read in a quiet moment.
    private var inputs: DiffFromScratch.Bytes = [:]

    /// - Parameter settleTime: long where a test counts events: nothing is looked at then before `check` asks for it.
    static func open(
        _ folder: TemporaryFolder, settleTime: Duration = .zero, disk: LinuxDisk = LinuxDisk(),
        sink: EventRecorder = EventRecorder()
    ) async throws -> Bench {
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: settleTime, settleLimit: settleTime + .seconds(1)),
            sink: sink, disk: disk
        )
        let bench = Bench(folder, project, sink)
        await bench.rebase()
        return bench
    }

    private init(_ folder: TemporaryFolder, _ project: PackerProject, _ sink: EventRecorder) {
        self.folder = folder
        self.project = project
        self.sink = sink
    }

    var assets: String { folder.path + "/assets" }

    /// In a quiet moment after an opening or a refresh.
    func rebase() async {
        await project.settled()
        inputs = DiffFromScratch.bytes(project.snapshot, assets: assets)
    }

    /// After a refresh that others may have run into: what they changed meanwhile nobody can tell.
    func forgetInputs() { inputs = [:] }

    func shell(_ script: String) throws { try Self.shell(script, in: folder) }

    static func shell(_ script: String, in folder: TemporaryFolder) throws {
        try Fixtures.run("/bin/sh", ["-euc", names + script], in: folder.path + "/assets")
    }

    private static let names = "D=tiles/dungeon/asset.json I=data/items/items.csv W=audio/sfx/jump/jump.wav K=../kept\n"

    /// The tree is quiet: what is flagged has to be what differs, no more and no less. Answers how many that are.
    @discardableResult
    func check(
        _ note: String = "", coverage: [String] = ["complete"], sourceLocation: SourceLocation = #_sourceLocation
    ) async -> Int {
        await project.settled()
        let report = project.divergences
        let diff = DiffFromScratch(project.snapshot, assets: assets, inputs: inputs)
        var flagged = Dictionary(uniqueKeysWithValues: report.divergences.map { (BytePath($0.path), $0.kind.name) })
        for path in diff.undecided where flagged[path] == "modified" { flagged[path] = nil }
        let missed = diff.wanted.filter { flagged[$0.key] != $0.value }
        let wrong = flagged.filter { diff.wanted[$0.key] != $0.value }
        let kinds = report.divergences.filter { wrong[BytePath($0.path)] != nil }.map(\.kind)
        #expect(
            missed.isEmpty && wrong.isEmpty,
            "\(note): missed \(missed), flagged \(wrong)\(diff.explain(wrong.keys)); said \(kinds)",
            sourceLocation: sourceLocation)
        #expect(coverage.contains(report.coverage.name), "\(note): \(report.coverage)", sourceLocation: sourceLocation)
        return diff.wanted.count
    }

    /// Adding up the events has to give the flags; then the project is closed.
    func close(sourceLocation: SourceLocation = #_sourceLocation) async {
        await project.settled()
        let flags = Set(project.divergences.divergences.map { BytePath($0.path) })
        await project.close()
        // By bytes: a String takes composed and decomposed names for one.
        var standing: Set<BytePath> = []
        for event in sink.events {
            switch event.kind {
            case .divergenceDetected(let flag):
                #expect(
                    standing.insert(BytePath(flag.path)).inserted, "flagged twice: \(flag)",
                    sourceLocation: sourceLocation)
            case .divergenceChanged(let flag):
                #expect(
                    standing.contains(BytePath(flag.path)), "changed unflagged: \(flag)", sourceLocation: sourceLocation
                )
            case .divergenceCleared(let flag):
                #expect(
                    standing.remove(BytePath(flag.path)) != nil, "cleared unflagged: \(flag)",
                    sourceLocation: sourceLocation)
            default: break
            }
        }
        #expect(standing == flags, sourceLocation: sourceLocation)
    }
}
