import LinuxFiles
import Testing

@testable import CommitDirectory

extension ModelDisk {
    /// What a workload starts from, all of it on the medium.
    static func prepared(_ workload: Workload? = nil) throws -> ModelDisk {
        let model = ModelDisk()
        let bench = Bench(disk: model, tree: model.top)
        if let workload { try workload.prepare(bench) } else { try Workload.prepare(bench) }
        return ModelDisk(model.state.settled())
    }

    /// The disk as a process leaves it that is killed before its n-th swap.
    static func killed(before swap: Int, _ steps: (Bench) -> [CommitStep]) throws -> ModelDisk {
        let model = try prepared()
        let bench = Bench(disk: model, tree: model.top)
        let found = Guarded((count: 0, state: ModelState?.none))
        let disk = HookedDisk(model) { call in
            if call.point == CommitPoint.swapRename.fault {
                let state = model.state
                found.withLock {
                    $0.count += 1
                    if $0.count == swap { $0.state = state }
                }
            }
            return .proceed
        }
        let (directory, _) = try bench.open(through: disk)
        _ = try directory.commit(CommitGroup(operations: [Bench.key(1)], steps: steps(bench)))
        return ModelDisk(try #require(found.withLock { $0.state }).afterKill())
    }
}
