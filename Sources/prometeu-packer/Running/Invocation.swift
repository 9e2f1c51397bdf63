import ArgumentParser
import Foundation
import Packer

/// A subcommand that must not be cut off by SIGINT or SIGTERM: its task is cancelled instead, and it comes to its end.
protocol FinishesItsWork {}

/// What every subcommand takes.
struct CommonOptions: ParsableArguments {
    @Argument(help: "The folder that holds assets/.", completion: .directory)
    var project: String

    @Flag(help: "Write one JSON object a line, errors too.")
    var json = false
}

protocol Subcommand: AsyncParsableCommand, Sendable {
    /// Whether an error is an object, as everything else that it writes.
    var writesJSON: Bool { get }
    /// - Throws: `PackerError`, `OutputError`, `ExitCode`.
    func perform() async throws
}

extension Subcommand {
    func run() async throws { try await perform() }
}

/// A subcommand that is about a project.
protocol PackerCommand: Subcommand {
    var common: CommonOptions { get }
}

extension PackerCommand {
    var writesJSON: Bool { common.json }
}

/// The arguments of a process, and which of them are no text.
struct ProcessArguments {
    var texts: [String] = []
    /// Shown with `\xNN` for what is not UTF-8.
    var undecodable: [String] = []

    init(_ arguments: some Sequence<[UInt8]>) {
        for bytes in arguments {
            if let text = String(validating: bytes, as: UTF8.self) {
                texts.append(text)
            } else {
                undecodable.append(bytes.shownAsText)
            }
        }
    }

    /// Asked before the arguments are parsed, for errors that come from the parsing.
    var wantsJSON: Bool { texts.prefix { $0 != "--" }.contains("--json") }
}

/// One parsed command line.
struct Invocation: Sendable {
    private let command: any Subcommand

    /// The arguments as bytes: `CommandLine.arguments` has mended what is not UTF-8.
    static var processArguments: ProcessArguments {
        ProcessArguments(
            (1..<max(1, Int(CommandLine.argc))).compactMap { index in
                CommandLine.unsafeArgv[index].map { pointer in
                    Array(UnsafeBufferPointer(start: pointer, count: strlen(pointer))).map(UInt8.init(bitPattern:))
                }
            }
        )
    }

    /// - Throws: what the parser throws; `name.invalid` where an argument is no text.
    init(_ arguments: ProcessArguments) throws {
        guard arguments.undecodable.isEmpty else {
            throw PackerError(
                .nameInvalid,
                "an argument is not valid UTF-8",
                paths: arguments.undecodable,
                remedy: "Rename what it names to a UTF-8 name; roots and project paths are text."
            )
        }
        var parsed = try PrometeuPacker.parseAsRoot(Self.namingExplain(arguments.texts))
        guard let command = parsed as? any Subcommand else {
            // The parser's own commands: they end by throwing what is to be printed.
            try parsed.run()
            throw CleanExit.helpRequest()
        }
        self.command = command
    }

    /// `--explain CODE` or `--explain=CODE`, as compilers have it, alone or behind a subcommand's name.
    private static func namingExplain(_ texts: [String]) -> [String] {
        guard let index = texts.prefix(2).firstIndex(where: { $0 == "--explain" || $0.hasPrefix("--explain=") }),
            index == 0 || !texts[0].hasPrefix("-")
        else { return texts }
        let code = texts[index].dropFirst("--explain=".count)
        return ["explain"] + (code.isEmpty ? [] : [String(code)]) + texts[(index + 1)...]
    }

    var finishesItsWork: Bool { command is any FinishesItsWork }

    func run() async -> Ending {
        do {
            try await command.perform()
            return .done
        } catch {
            return Ending(error, asJSON: command.writesJSON)
        }
    }
}
