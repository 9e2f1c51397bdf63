import Foundation

/// The report as text.
enum Table {
    static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<100: String(format: "%.1f ns", nanoseconds)
        case ..<10_000: String(format: "%.0f ns", nanoseconds)
        case ..<10_000_000: String(format: "%.1f µs", nanoseconds / 1000)
        case ..<10_000_000_000: String(format: "%.1f ms", nanoseconds / 1_000_000)
        default: String(format: "%.1f s", nanoseconds / 1_000_000_000)
        }
    }

    static func quantity(_ value: Double, _ unit: Report.Unit) -> String {
        switch unit {
        case .nanoseconds: time(value)
        case .bytes: "\(Int(value.rounded())) B"
        case .count: value.formatted()
        }
    }

    static func line(_ cell: Report.Cell) -> String {
        var line = "\(pad(cell.journey, 11))\(pad(cell.work, 34))\(pad(String(cell.assets), 8))\(pad(cell.subject, 24))"
        line += padLeft(quantity(cell.p50, cell.unit), 11)
        if cell.samples > 1 {
            line += padLeft(quantity(cell.p99, cell.unit), 11) + padLeft(quantity(cell.minimum, cell.unit), 11)
            line += padLeft(String(cell.samples), 9)
        }
        if let rate = cell.perSecond { line += padLeft(String(format: "%.0f/s", rate), 13) }
        return line
    }

    static let heading =
        "\(pad("journey", 11))\(pad("work", 34))\(pad("assets", 8))\(pad("subject", 24))"
        + padLeft("p50", 11) + padLeft("p99", 11) + padLeft("min", 11) + padLeft("samples", 9)

    static func line(_ ratio: Report.Ratio) -> String {
        var line =
            "\(pad(ratio.journey, 11))\(pad(ratio.work, 34))\(pad(String(ratio.assets), 8))\(pad(ratio.name, 40))"
        line += padLeft(
            ratio.value < 100 ? String(format: "%.2f", ratio.value) : String(format: "%.0f", ratio.value), 9)
        if let target = ratio.target {
            line += "  \(pad(target.text, 8)) \(ratio.isReached == true ? "reached" : "MISSED")"
        }
        return line
    }

    static func text(_ report: Report) -> String {
        let machine = report.machine
        var lines = [
            "\(machine.processors) processors, Linux \(machine.kernel), \(machine.filesystem),"
                + " load \(machine.load.formatted()) when it began", "", heading,
        ]
        lines += report.cells.map(line)
        lines += ["", "ratios of medians in this run"] + report.ratios.map(line)
        if !report.missing.isEmpty { lines += ["", "missing"] + report.missing.map { "  " + $0 } }
        return lines.joined(separator: "\n")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
