import ArgumentParser
import Foundation

struct Plot: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Draws how cost grows, as SVG, from a report.")

    @Argument(help: "What `run --json` wrote, in one run or several.", completion: .file()) var reports: [String]
    @Option(help: "Where the pictures go.", completion: .directory) var output = "../docs/performance"

    func run() throws {
        let all = try reports.flatMap {
            try JSONDecoder().decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: $0))).cells
        }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        // Nothing at all, of an idle project, has no place on a logarithmic axis.
        let growing = Set(all.map(\.journey)).subtracting(["idle"]).sorted()
        for journey in growing {
            var works = Set(all.filter { $0.journey == journey }.map(\.work)).sorted()
            if journey == "pressure" { works = works.filter { $0.hasSuffix("2 readers, a writer") } }
            for work in works {
                let cells = all.filter { $0.journey == journey && $0.work == work }
                if Set(cells.map(\.assets)).count < 2 { continue }
                let name = "\(journey)-\(work)".map { $0.isLetter || $0.isNumber ? $0 : "-" }
                try write(
                    "\(journey): \(work), by assets", cells, { Double($0.assets) }, { $0.perSecond ?? $0.p50 },
                    String(name))
            }
        }
        let usualSize = all.map(\.assets).filter { $0 <= 10_000 }.max()
        for question in PressureJourney.Question.allCases {
            for load in PressureJourney.Load.allCases {
                let cells = all.filter {
                    $0.journey == "pressure" && $0.assets == usualSize && $0.work.hasPrefix(question.rawValue + ",")
                        && $0.work.hasSuffix(", " + load.rawValue)
                }
                if cells.isEmpty { continue }
                let name = "pressure-\(question.rawValue)-\(load.rawValue)".replacingOccurrences(of: " ", with: "-")
                try write(
                    "\(question.rawValue)s a second, by readers, \(load.rawValue)", cells, Self.readers,
                    { $0.perSecond ?? 0 }, name)
            }
        }
    }

    private static func readers(_ cell: Report.Cell) -> Double {
        let words = cell.work.split(separator: " ")
        return words.firstIndex(of: "readers,").flatMap { Double(words[$0 - 1]) } ?? 0
    }

    private func write(
        _ title: String, _ cells: [Report.Cell], _ x: (Report.Cell) -> Double, _ y: (Report.Cell) -> Double,
        _ name: String
    ) throws {
        var lines: [LogPlot.Line] = []
        for cell in cells {
            let point = (x: x(cell), y: y(cell))
            if let index = lines.firstIndex(where: { $0.name == cell.subject }) {
                lines[index].points.append(point)
            } else {
                lines.append(LogPlot.Line(name: cell.subject, role: cell.role, points: [point]))
            }
        }
        let label: (Double) -> String = { value in
            if cells[0].perSecond != nil { return LogPlot.short(value) + "/s" }
            return Table.quantity(value, cells[0].unit)
        }
        let file = "\(output)/\(name).svg"
        try LogPlot(title: title, lines: lines, label: label).svg.write(toFile: file, atomically: true, encoding: .utf8)
        print(file)
    }
}
