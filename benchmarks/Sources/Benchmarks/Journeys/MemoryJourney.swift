import CFloors
import Packer

/// Resident bytes an asset, each size in a process of its own.
enum MemoryJourney {
    static func run(_ bench: Bench) throws {
        let sizes = bench.sizes.filter { $0 >= 1000 }
        for assets in sizes.isEmpty ? bench.sizes : sizes {
            let path = try bench.scratch.workspace(assets: assets)
            let parts = try Child.numbers(try Child.run(["memory", path]), 4)
            let each = parts.map { $0 / Double(assets) }
            bench.value("memory", "an asset, snapshot alone", assets: assets, "ours", .ours, each[0], .bytes)
            bench.value("memory", "an asset, allocated by it", assets: assets, "ours", .ours, each[1], .bytes)
            bench.value("memory", "an asset, open and watched", assets: assets, "ours", .ours, each[2], .bytes)
            bench.value("memory", "an asset, allocated then", assets: assets, "ours", .ours, each[3], .bytes)
            bench.ratio("memory", "an asset, snapshot alone", assets, "ours in bytes", each[0], .atMost(800))
        }
    }

    /// In the child: what is resident while the project is open, and while only its snapshot is held.
    static func measure(_ path: String, empty: String) throws {
        // Whatever the first opening loads and starts is there before.
        let warm = try Project.open(empty, options: PackerOptions(createsWorkspace: true))
        try warm.settled()
        try warm.close()
        let allocatedBefore = floor_allocated_bytes()
        let before = floor_resident_bytes()
        let (snapshot, open, allocatedOpen) = try held(path)
        let allocatedHeld = floor_allocated_bytes()
        let held = floor_resident_bytes()
        func above(_ value: UInt64, _ base: UInt64) -> UInt64 { value > base ? value - base : 0 }
        print(
            above(held, before), above(allocatedHeld, allocatedBefore), above(open, before),
            above(allocatedOpen, allocatedBefore))
        keep(UInt64(snapshot.count))
    }

    /// The snapshot of a project that is closed and gone again, and what was resident and allocated while it was open.
    @inline(never)
    private static func held(_ path: String) throws -> (Snapshot, UInt64, UInt64) {
        let project = try Project.open(path)
        try project.settled()
        project.sink.clear()
        let allocated = floor_allocated_bytes()
        let resident = floor_resident_bytes()
        let snapshot = project.snapshot
        try project.close()
        return (snapshot, resident, allocated)
    }
}
