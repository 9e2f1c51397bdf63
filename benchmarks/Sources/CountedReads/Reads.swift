import CAllocations
import Packer

/// Reads that are counted: allocations here, instructions by callgrind, which knows the methods by their names.
final class Reads {
    private static let turns = 1000

    private let project: PackerProject
    private let snapshot: Snapshot
    private let ids: [AssetID]
    private let roots: [AssetRoot]
    private let uuids: [AssetUUID]
    private let cursors: [AssetPage.Cursor?]

    init(_ project: PackerProject) {
        self.project = project
        snapshot = project.snapshot
        var found: [Asset] = []
        snapshot.forEachAsset {
            if $0.id != nil && $0.uuid != nil { found.append($0) }
            return true
        }
        ids = found.map { $0.id! }
        roots = found.map(\.root)
        uuids = found.map { $0.uuid! }
        var cursors: [AssetPage.Cursor?] = [nil]
        for limit in stride(from: 10, to: min(found.count - 110, 400), by: 10) {
            cursors.append(snapshot.list(limit: limit).next)
        }
        self.cursors = cursors
    }

    func count() {
        let reads: [(String, (Reads) -> () -> UInt64)] = [
            ("lookup by id", Reads.lookupByID), ("lookup by root", Reads.lookupByRoot),
            ("lookup by uuid", Reads.lookupByUUID), ("details", Reads.details), ("page of 100", Reads.pageOf100),
            ("acquire", Reads.acquire), ("acquire with a reader", Reads.acquireWithReader),
        ]
        for (name, read) in reads {
            keep(read(self)())
            let before = allocations_of_thread()
            keep(read(self)())
            print("allocations,", name, Double(allocations_of_thread() - before) / Double(Self.turns))
        }
    }

    @inline(never)
    private func keep(_ value: UInt64) { if value == 0x5eed_5eed_5eed_5eed { print(value) } }

    @inline(never)
    func lookupByID() -> UInt64 {
        sum { UInt64(snapshot.asset(ids[$0 % ids.count])?.id?.rawValue ?? 0) }
    }

    @inline(never)
    func lookupByRoot() -> UInt64 {
        sum { UInt64(snapshot.asset(at: roots[$0 % roots.count])?.id?.rawValue ?? 0) }
    }

    @inline(never)
    func lookupByUUID() -> UInt64 {
        sum { UInt64(snapshot.asset(uuids[$0 % uuids.count])?.id?.rawValue ?? 0) }
    }

    @inline(never)
    func details() -> UInt64 {
        sum {
            guard let asset = snapshot.asset(ids[$0 % ids.count]) else { return 0 }
            return UInt64(asset.name.utf8.count &+ asset.inputs.count &+ asset.diagnostics.count)
        }
    }

    @inline(never)
    func pageOf100() -> UInt64 {
        sum {
            let page = snapshot.list(after: cursors[$0 % cursors.count], limit: 100)
            return page.assets.reduce(0) { $0 &+ UInt64($1.id?.rawValue ?? 0) }
        }
    }

    @inline(never)
    func acquire() -> UInt64 {
        sum { _ in project.snapshot.generation }
    }

    @inline(never)
    func acquireWithReader() -> UInt64 {
        var reader = project.reader()
        var sum: UInt64 = 0
        for _ in 0..<Self.turns {
            reader.update()
            sum &+= reader.snapshot.generation
        }
        return sum
    }

    @inline(__always)
    private func sum(_ read: (Int) -> UInt64) -> UInt64 {
        var sum: UInt64 = 0
        for turn in 0..<Self.turns { sum &+= read(turn) }
        return sum
    }
}
