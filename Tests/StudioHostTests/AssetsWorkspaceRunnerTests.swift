import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@testable import StudioHost

@Suite(.timeLimit(.minutes(5))) struct AssetsWorkspaceRunnerTests {
    /// Holds the lane up in the middle of a commit.
    private struct GateAt: FaultInjector {
        let point: String
        let gate: Gate

        func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
            if point.name == self.point { gate.pass() }
            return .proceed
        }
    }

    @Test("a refresh that waits behind a commit is shown as waiting, and cancelled from the page")
    func cancel() async throws {
        let folder = try Fixtures.game()
        let gate = Gate()
        let bus = EventBus()
        let opened = try await PackerProject.open(
            folder.path, options: .test, sink: PackerEventBridge(to: bus),
            disk: LinuxDisk(faults: GateAt(point: "commit.stage.file", gate: gate))
        )
        let project = PackerAdapter(opened)
        let page = OpenPage(project, bus: bus)
        _ = await page.stage([.create(NewAsset(root: try AssetRoot(validating: "held"), type: .data))])
        await page.act(.apply)
        await gate.arrived()
        await page.act(.refresh(.all))
        let waiting = try #require(await page.show { $0.operations.running.count == 2 })
        let refresh = try #require(waiting.operations.running.last)
        #expect(refresh.name == "refresh")
        #expect(!refresh.isStarted)
        #expect(waiting.canCancel(refresh.id))
        #expect(waiting.staged?.isUnderWay == true)
        #expect(waiting.text.contains("[cancel]"))
        await page.act(.cancel(refresh.id))
        gate.open()
        let ended = try #require(await page.show { $0.refresh != .running && $0.operations.running.isEmpty })
        #expect(ended.refresh == .failed(.beforeItsTurn(refresh.id)))
        #expect(ended.operations.ended.first?.ending == .cancelled)
        #expect(ended.outcome != nil)
        #expect(ended.row("held") != nil)
        await project.close(.drain)
    }
}

extension PackerError {
    fileprivate static func beforeItsTurn(_ id: OperationID) -> PackerError {
        PackerError(
            .cancelled, "operation \(id) was cancelled before its turn", remedy: "Submit it again if it is wanted.")
    }
}
