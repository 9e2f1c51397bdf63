import Foundation
import Packer

/// Standard output as the caller asked for it: JSON lines or text. Everything goes out whole lines at a time.
struct Printer {
    let asJSON: Bool
    let style: Style
    private let output = Output(descriptor: STDOUT_FILENO)
    private let encoder = JSONLine()
    private var waiting = ""
    private static let largestWrite = 1 << 16

    init(asJSON: Bool) {
        self.asJSON = asJSON
        style = Style(output)
    }

    mutating func print(_ view: some Encodable) throws { try add(encoder.encode(view)) }

    mutating func print(_ table: Table) throws { for line in table.lines(style) { try add(line) } }

    /// A line of the command's own; `text` is made safe.
    mutating func print(_ text: String, _ colour: Colour? = nil) throws {
        try add(style.paint(text.terminalSafe, colour))
    }

    /// Something beside the result: on standard error, or as an object of its own.
    mutating func note(_ text: String, _ view: (some Encodable)? = Never?.none) throws {
        if let view, asJSON { return try print(view) }
        if !asJSON { try? Output(descriptor: STDERR_FILENO).write(text.terminalSafe + "\n") }
    }

    mutating func flush() throws {
        let text = waiting
        waiting = ""
        try output.write(text)
    }

    private mutating func add(_ line: String) throws {
        waiting += line + "\n"
        if waiting.utf8.count >= Self.largestWrite { try flush() }
    }
}
