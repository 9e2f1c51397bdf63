import Foundation

/// A picture with two logarithmic axes: what is flat costs nothing more, a slope of one grows with the size.
struct LogPlot {
    struct Line {
        var name: String
        var role: Role
        var points: [(x: Double, y: Double)]
    }

    let title: String
    let lines: [Line]
    /// How a value of the upright axis is written.
    let label: (Double) -> String

    private static let width = 720.0
    private static let height = 400.0
    private static let left = 80.0
    private static let right = 220.0
    private static let top = 40.0
    private static let bottom = 40.0

    private static let peers = ["#b5651d", "#7b4fa6", "#2e7d5b", "#8a8a2b", "#a63d5b"]

    var svg: String {
        let points = lines.flatMap(\.points).filter { $0.x > 0 && $0.y > 0 }
        guard let least = points.map(\.y).min(), let most = points.map(\.y).max() else { return "" }
        let xs = Set(points.map(\.x)).sorted()
        let rows = (Int(floor(log10(least)))...Int(ceil(log10(most)))).map { pow(10, Double($0)) }
        let place = Place(
            x: (xs[0], xs[xs.count - 1]), y: (rows[0], max(rows[rows.count - 1], rows[0] * 10)), width: Self.width,
            height: Self.height, left: Self.left, right: Self.right, top: Self.top, bottom: Self.bottom)
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.width) \(Self.height)\""
                + " font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            text(Self.left, 24, title, anchor: "start", size: 15),
        ]
        for row in rows {
            let y = place.y(row)
            parts.append(line(Self.left, y, Self.width - Self.right, y, "#dddddd", 1))
            parts.append(text(Self.left - 6, y + 4, label(row), anchor: "end"))
        }
        for x in xs { parts.append(text(place.x(x), Self.height - 16, Self.short(x), anchor: "middle")) }
        var peer = 0
        for (index, line) in lines.enumerated() {
            var colour = line.role == .ours ? "#1a5fb4" : "#555555"
            if line.role == .peer {
                colour = Self.peers[peer % Self.peers.count]
                peer += 1
            }
            let sorted = line.points.filter { $0.x > 0 && $0.y > 0 }.sorted { $0.x < $1.x }
            let path = sorted.map { String(format: "%.1f,%.1f", place.x($0.x), place.y($0.y)) }
            let dashes = line.role == .floor ? " stroke-dasharray=\"5 4\"" : ""
            let width = line.role == .ours ? 3 : 1.5
            parts.append(
                "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour)\""
                    + " stroke-width=\"\(width)\"\(dashes)/>")
            for point in sorted {
                parts.append(
                    String(
                        format: "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%@\"/>", place.x(point.x),
                        place.y(point.y), colour))
            }
            let y = Self.top + 16 + Double(index) * 20
            let start = Self.width - Self.right + 14
            parts.append(self.line(start, y - 4, start + 22, y - 4, colour, width, dashes))
            parts.append(text(start + 28, y, line.name, anchor: "start"))
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    static func short(_ value: Double) -> String {
        switch value {
        case ..<1000: String(format: "%g", value)
        case ..<1_000_000: String(format: "%gk", value / 1000)
        default: String(format: "%gM", value / 1_000_000)
        }
    }

    private struct Place {
        let x: (Double, Double)
        let y: (Double, Double)
        let width, height, left, right, top, bottom: Double

        func x(_ value: Double) -> Double {
            x.0 == x.1 ? left : left + (width - left - right) * log(value / x.0) / log(x.1 / x.0)
        }
        func y(_ value: Double) -> Double {
            height - bottom - (height - top - bottom) * log(value / y.0) / log(y.1 / y.0)
        }
    }

    private func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, _ width: Double, _ more: String = ""
    ) -> String {
        String(
            format: "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%@\" stroke-width=\"%g\"%@/>", x1,
            y1,
            x2, y2, colour, width, more)
    }

    private func text(_ x: Double, _ y: Double, _ text: String, anchor: String, size: Int = 12) -> String {
        let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return String(
            format: "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%@\" font-size=\"%d\" fill=\"#222222\">%@</text>", x, y,
            anchor, size, escaped)
    }
}
