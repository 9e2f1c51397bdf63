import CFloors
import Foundation
import Packer

/// One store under read pressure.
struct PressureSubject: Sendable {
    typealias Work = (@Sendable () throws -> Void)?

    let name: String
    let role: Role
    /// Questions that are timed as one.
    let batch: Int
    /// Makes the questions of one thread; called on it.
    let reader: @Sendable (PressureJourney.Question, Int) throws -> (Int) throws -> UInt64
    /// What one turn of a load is; the outer nil where it has none.
    let load: @Sendable (PressureJourney.Load) -> Work?

    /// Each question takes the newest snapshot, and checks that no generation is older than the one before it. Every
    /// 64th checks that nothing is torn.
    static func ours(_ project: Project, _ targets: ReadTargets, _ pair: PairWriter) -> PressureSubject {
        PressureSubject(name: "ours", role: .ours, batch: 64) { question, index in
            var position = index * 97
            var generation: UInt64 = 0
            return { count in
                var sum: UInt64 = 0
                try pair.check(project.snapshot)
                for place in targets.places(&position, count) {
                    let snapshot = project.packer.snapshot
                    if snapshot.generation < generation { throw BenchmarkError("an older generation came later") }
                    generation = snapshot.generation
                    switch question {
                    case .lookup: sum &+= snapshot.asset(targets.ids[Int(place)])?.foundChecksum ?? 0
                    case .details: sum &+= snapshot.asset(targets.ids[Int(place)])?.detailsChecksum ?? 0
                    case .page:
                        let cursor = targets.cursors[Int(place) % targets.cursors.count]
                        for asset in snapshot.list(after: cursor).assets { sum &+= asset.rowChecksum }
                    }
                }
                return sum
            }
        } load: { load in
            ourLoad(load, project, pair)
        }
    }

    /// The same, each thread with a reader of its own that is updated for each question.
    static func oursWithReader(_ project: Project, _ targets: ReadTargets, _ pair: PairWriter) -> PressureSubject {
        PressureSubject(name: "ours, with a reader", role: .ours, batch: 64) { question, index in
            var position = index * 97
            var reader = project.packer.reader()
            var generation = reader.snapshot.generation
            return { count in
                var sum: UInt64 = 0
                try pair.check(reader.snapshot)
                for place in targets.places(&position, count) {
                    if reader.update() {
                        let newer = reader.snapshot.generation
                        if newer <= generation { throw BenchmarkError("an update went back") }
                        generation = newer
                    }
                    switch question {
                    case .lookup: sum &+= reader.snapshot.asset(targets.ids[Int(place)])?.foundChecksum ?? 0
                    case .details: sum &+= reader.snapshot.asset(targets.ids[Int(place)])?.detailsChecksum ?? 0
                    case .page:
                        let cursor = targets.cursors[Int(place) % targets.cursors.count]
                        for asset in reader.snapshot.list(after: cursor).assets { sum &+= asset.rowChecksum }
                    }
                }
                return sum
            }
        } load: { load in
            ourLoad(load, project, pair)
        }
    }

    private static func ourLoad(_ load: PressureJourney.Load, _ project: Project, _ pair: PairWriter) -> Work? {
        switch load {
        case .quiet: .some(nil)
        case .writer: .some({ try pair.commit() })
        case .scan: .some({ _ = try project.packer.refresh().wait(timeout: .seconds(60)) })
        }
    }

    /// C readers, each with a map of its own, beside our loads.
    static func floor(_ project: Project, _ targets: ReadTargets, _ pair: PairWriter) -> PressureSubject {
        PressureSubject(name: "floor: C readers", role: .floor, batch: 64) { question, index in
            let map = FloorMap(numbers: targets.ids.map { UInt64($0.rawValue) })
            var position = index * 97
            return { count in
                let places = targets.places(&position, count)
                if question == .page {
                    return places.reduce(0) {
                        $0 &+ floor_page(map.map, Int($1) % max(1, targets.ids.count - 100), 100)
                    }
                }
                return places.withUnsafeBufferPointer { floor_probe_numbers(map.map, $0.baseAddress!, $0.count) }
            }
        } load: { load in
            ourLoad(load, project, pair)
        }
    }

    static func lmdb(_ peers: ReadPeers, _ targets: ReadTargets) -> PressureSubject {
        let row = peers.rows[0]
        let ids = targets.ids.map(\.rawValue)
        let roots = targets.roots.map(\.path)
        return PressureSubject(name: "LMDB", role: .peer, batch: 1) { question, index in
            let reader = try peers.lmdb.reader()
            var position = index * 97
            return { count in
                try targets.places(&position, count).reduce(0) { sum, place in
                    switch question {
                    case .lookup: try sum &+ reader.lookup(id: ids[Int(place)])
                    case .details: try sum &+ reader.details(id: ids[Int(place)])
                    case .page: try sum &+ reader.page(after: roots[Int(place)], limit: 100)
                    }
                }
            }
        } load: { load in
            switch load {
            case .quiet: .some(nil)
            case .writer: .some({ try peers.lmdb.commit(row) })
            case .scan: nil
            }
        }
    }

    static func grdb(_ peers: ReadPeers, _ targets: ReadTargets) -> PressureSubject {
        let row = peers.rows[0]
        let ids = targets.ids.map(\.rawValue)
        let roots = targets.roots.map(\.path)
        return PressureSubject(name: "GRDB", role: .peer, batch: 1) { question, index in
            var position = index * 97
            return { count in
                try targets.places(&position, count).reduce(0) { sum, place in
                    switch question {
                    case .lookup: try sum &+ peers.sqlite.lookup(id: ids[Int(place)])
                    case .details: try sum &+ peers.sqlite.details(id: ids[Int(place)])
                    case .page: try sum &+ peers.sqlite.page(after: roots[Int(place)], limit: 100)
                    }
                }
            }
        } load: { load in
            switch load {
            case .quiet: .some(nil)
            case .writer: .some({ try peers.sqlite.commit(id: row.id, name: row.name) })
            case .scan: nil
            }
        }
    }
}

/// Commits two assets in one transaction, always with the same name: who sees two names sees a torn state.
final class PairWriter: Sendable {
    private let project: Project
    private let ids: [AssetID]
    private let names: [String]
    private let number = Locked(0)

    init(_ project: Project) {
        self.project = project
        let assets = project.snapshot.everyAsset.filter { $0.id != nil }
        let pair = [assets[0], assets[assets.count - 1]]
        ids = pair.map { $0.id! }
        names = pair.map(\.name)
    }

    func commit() throws {
        let name = number.withLock { number in
            number += 1
            return "Pair \(number)"
        }
        _ = try project.packer.submit(ids.map { .update(.id($0), [.name(name)]) }).wait(timeout: .seconds(60))
    }

    /// - Throws: where a snapshot shows one of the two without the other.
    func check(_ snapshot: Snapshot) throws {
        guard let first = snapshot.asset(ids[0]), let second = snapshot.asset(ids[1]) else {
            throw BenchmarkError("an asset is gone")
        }
        let isFirst = first.name == names[0] && second.name == names[1]
        if first.name != second.name && !isFirst { throw BenchmarkError("a torn read: \(first.name), \(second.name)") }
    }

    func restore() throws {
        _ = try project.packer.submit(zip(ids, names).map { .update(.id($0), [.name($1)]) }).wait(timeout: .seconds(60))
    }
}

/// A thread that is waited for.
final class Background: Sendable {
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let done = done
        Thread {
            body()
            done.signal()
        }.start()
    }

    func join() { done.wait() }
}
