import CFloors
import Foundation
import Packer

/// What is looked up in all the reading journeys: the same assets in the same shuffled order for everyone.
struct ReadTargets: Sendable {
    let ids: [AssetID]
    let roots: [AssetRoot]
    let uuids: [AssetUUID]
    /// Indexes into these, shuffled the same way each time.
    let order: [UInt32]
    /// Where pages start.
    let cursors: [AssetPage.Cursor?]
    let numbers: FloorMap
    let rootMap: FloorMap
    let uuidMap: FloorMap
    let objects: FloorObjects

    init(_ snapshot: Snapshot) {
        let assets = snapshot.everyAsset.filter { $0.id != nil && $0.uuid != nil }
        ids = assets.map { $0.id! }
        roots = assets.map(\.root)
        uuids = assets.map { $0.uuid! }
        var generator = SplitMix(state: 7)
        order = (0..<UInt32(assets.count)).shuffled(using: &generator)
        var cursors: [AssetPage.Cursor?] = [nil]
        while let next = snapshot.list(after: cursors[cursors.count - 1], limit: 50).next { cursors.append(next) }
        self.cursors = cursors.dropLast(min(2, cursors.count - 1)).shuffled(using: &generator)
        numbers = FloorMap(numbers: ids.map { UInt64($0.rawValue) })
        rootMap = FloorMap(strings: roots.map(\.path))
        uuidMap = FloorMap(strings: uuids.map(\.description))
        objects = FloorObjects(assets.count)
    }

    /// The next `count` places of the order, going round.
    func places(_ position: inout Int, _ count: Int) -> ArraySlice<UInt32> {
        if position + count > order.count { position = 0 }
        defer { position += count }
        return order[position..<min(position + count, order.count)]
    }
}

/// The same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

final class FloorMap: @unchecked Sendable {
    // Unchecked: the map is never changed after it is built.
    let map: OpaquePointer

    init(numbers: [UInt64]) { map = floor_map_numbers(numbers, numbers.count) }

    init(strings: [String]) {
        var copies = strings.map { UnsafePointer(strdup($0)) }
        let lengths = strings.map { UInt32($0.utf8.count) }
        map = floor_map_strings(&copies, lengths, strings.count)
        for copy in copies { free(UnsafeMutablePointer(mutating: copy)) }
    }

    deinit { floor_map_free(map) }
}

final class FloorObjects: @unchecked Sendable {
    // Unchecked: nothing but the counts changes after it is built, and these are atomic.
    let objects: OpaquePointer

    /// About as large as an asset and what is packed of one of the generator's declarations.
    init(_ count: Int) { objects = floor_objects_make(count, 144, 288) }

    deinit { floor_objects_free(objects) }
}

extension Asset {
    /// That it was found: one load of it, as for the peers and the floor.
    var foundChecksum: UInt64 { UInt64(id?.rawValue ?? 0) }

    /// What a row shows.
    var rowChecksum: UInt64 { UInt64(id?.rawValue ?? 0) &+ UInt64(name.utf8.count) }

    /// What the details view shows.
    var detailsChecksum: UInt64 {
        var sum = rowChecksum &+ UInt64(diagnostics.count)
        for input in inputs { sum &+= (input.size ?? 0) &+ UInt64(input.path.utf8.count) }
        if let declaration { sum &+= UInt64(declaration.output.format.utf8.count) }
        return sum
    }
}
