import Foundation

enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case grey = 90
}

/// Whether colours are written (no-color.org), and how.
struct Style: Equatable, Sendable {
    var usesColour: Bool

    static let plain = Style(usesColour: false)

    init(usesColour: Bool) { self.usesColour = usesColour }

    init(_ output: Output, environment: [String: String] = ProcessInfo.processInfo.environment) {
        usesColour =
            output.isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    func paint(_ text: String, _ colour: Colour?) -> String {
        guard usesColour, !text.isEmpty, let colour else { return text }
        return "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m"
    }
}
