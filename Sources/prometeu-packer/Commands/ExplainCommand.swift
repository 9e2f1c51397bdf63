import ArgumentParser
import Packer

struct ExplainCommand: AsyncParsableCommand, Sendable {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains the code of a diagnostic, a divergence or an error.",
        discussion: """
            Tells what it means, how it comes about, what it leaves, and what to do about it; without CODE, all of \
            them. --explain CODE is the same, also behind the name of another command.

            EXAMPLES
              prometeu-packer explain input.missing
              prometeu-packer explain moved
              prometeu-packer explain --json | jq -r .code
            """
    )

    @Argument(help: "A code, as it stands in the output.")
    var code: String?

    @Flag(help: "Write one JSON object a line, errors too.")
    var json = false
}

extension ExplainCommand: Subcommand {
    var writesJSON: Bool { json }

    func perform() async throws {
        var printer = Printer(asJSON: json)
        let chosen = Explanation.all.filter { code == nil || $0.code == code }
        if let code, chosen.isEmpty { throw CodeUnknown(code: code) }
        for explanation in chosen {
            if json {
                try printer.print(ExplanationView(explanation))
            } else {
                try printer.print("\(explanation.code) (\(explanation.severity))")
                try printer.print("  meaning: \(explanation.meaning)")
                try printer.print("  comes about: \(explanation.cause)")
                if let state = explanation.state { try printer.print("  state afterwards: \(state)") }
                try printer.print("  remedy: \(explanation.remedy)")
            }
        }
        try printer.flush()
    }
}

struct ExplanationView: Encodable {
    let kind = "explanation"
    let code: String
    let severity: String
    let meaning: String
    let cause: String
    @Nullable var state: String?
    let remedy: String

    init(_ explanation: Explanation) {
        code = explanation.code
        severity = explanation.severity
        meaning = explanation.meaning
        cause = explanation.cause
        state = explanation.state
        remedy = explanation.remedy
    }
}
