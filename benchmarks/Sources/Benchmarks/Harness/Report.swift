import CFloors
import Foundation

/// Everything that one run measured.
struct Report: Codable {
    var machine: Machine
    var command: String
    var cells: [Cell] = []
    var ratios: [Ratio] = []
    /// What is missing, and how to get it.
    var missing: [String] = []

    struct Machine: Codable {
        var processors: Int
        var kernel: String
        var filesystem: String
        var load: Double
    }

    /// One subject at one piece of work.
    struct Cell: Codable {
        var journey: String
        var work: String
        var assets: Int
        var subject: String
        var role: Role
        /// Of all that follows but `samples` and `perSecond`.
        var unit: Unit
        var samples: Int
        var minimum: Double
        var p50: Double
        var p99: Double
        var p999: Double
        /// Operations, where throughput was measured.
        var perSecond: Double?
    }

    enum Unit: String, Codable {
        case nanoseconds
        case bytes
        case count
    }

    /// Two cells of one run against each other.
    struct Ratio: Codable {
        var journey: String
        var work: String
        var assets: Int
        /// Such as "ours / floor".
        var name: String
        var value: Double
        var target: Target?
        var isReached: Bool? { target?.isReached(by: value) }
    }

    func cell(_ journey: String, _ work: String, _ assets: Int, _ subject: String) -> Cell? {
        cells.first {
            $0.journey == journey && $0.work == work && $0.assets == assets && $0.subject == subject
        }
    }
}

enum Target: Codable {
    case atMost(Double)
    case atLeast(Double)

    func isReached(by value: Double) -> Bool {
        switch self {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }

    var text: String {
        switch self {
        case .atMost(let limit): "≤ \(limit.formatted())"
        case .atLeast(let limit): "≥ \(limit.formatted())"
        }
    }
}

extension Double {
    func formatted() -> String { self == rounded() ? String(Int(self)) : String(format: "%.2f", self) }
}

extension Report.Machine {
    static func current(folder: String) -> Report.Machine {
        var name = utsname()
        uname(&name)
        let release = withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let kind = Int(floor_filesystem(folder))
        let kinds = [0xef53: "ext4", 0x5846_5342: "xfs", 0x9123_683e: "btrfs", 0x0102_1994: "tmpfs"]
        var loads = [0.0]
        getloadavg(&loads, 1)
        return Report.Machine(
            processors: ProcessInfo.processInfo.activeProcessorCount, kernel: release,
            filesystem: kinds[kind] ?? String(format: "%lx", kind), load: loads[0])
    }
}
