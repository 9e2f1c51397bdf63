import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@testable import StudioHost

@Suite(.timeLimit(.minutes(5))) struct QueryTests {
    /// Counts what goes through the seam.
    private final class Count: FaultInjector {
        private let counter = Counter()

        func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
            counter.add(1)
            return .proceed
        }

        var calls: Int { counter.count }
    }

    @Test("any number of queries makes no system call on the project's files")
    func noSystemCalls() async throws {
        let folder = try Fixtures.game()
        let count = Count()
        let bus = EventBus()
        let opened = try await PackerProject.open(
            folder.path, options: PackerOptions(settleTime: .zero), sink: PackerEventBridge(to: bus),
            disk: LinuxDisk(faults: count)
        )
        let project = PackerAdapter(opened)
        let page = OpenPage(project, bus: bus)
        _ = await page.show { $0.listing != nil }
        // Everything that happened has been looked at; from here on nobody asks for anything but answers.
        await project.settled()
        let before = count.calls
        #expect(before > 0)
        let filters = [AssetFilter.all, AssetFilter(type: .map), AssetFilter(text: "hero")]
        for number in 0..<10_000 {
            let snapshot = project.snapshot
            let rows = snapshot.list(filters[number % 3], limit: 10).assets
            for asset in rows { _ = try snapshot.asset(.root(asset.root)).inputs.map(\.size) }
            _ = (project.divergences, project.coverage, project.conflicts, project.runningOperations)
            _ = (snapshot.allDiagnostics, snapshot.trash, snapshot.count)
        }
        for key in AssetSort.Key.allCases {
            await page.act(.sort(AssetSort(key)))
            await page.act(.filter(filters[1]))
            await page.act(.select(.id(AssetID(rawValue: 4)!)))
            await page.act(.appear)
            let shown = await page.show { $0.snapshot != nil }
            #expect(shown?.text.isEmpty == false)
        }
        #expect(count.calls == before)

        // The count counts: a refresh reads.
        _ = try await project.refresh().result
        #expect(count.calls > before)
        await project.close(.drain)
    }
}
