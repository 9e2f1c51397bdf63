import ArgumentParser
import Foundation
import Packer

/// How the process ends: the code, and what is still to be said.
struct Ending: Sendable {
    enum Code: Int32 {
        case done = 0
        case failed = 1
        case usage = 2
        case diverged = 3
    }

    let code: Code
    private(set) var output = ""
    private(set) var error = ""

    static let done = Ending(code: .done)

    private init(code: Code, output: String = "", error: String = "") {
        self.code = code
        self.output = output
        self.error = error
    }

    init(_ error: any Error, asJSON: Bool) {
        switch error {
        case let refusal as PackerError:
            self.init(Failure(refusal), asJSON: asJSON)
        case let incomplete as CoverageIncomplete:
            self.init(Failure(incomplete), asJSON: asJSON)
        case let unread as InputUnreadable:
            self.init(Failure(unread), asJSON: asJSON)
        case let file as FingerprintFileError:
            self.init(Failure(file), asJSON: asJSON)
        case let unsteady as ProjectUnsteady:
            self.init(Failure(unsteady), asJSON: asJSON)
        case let unknown as CodeUnknown:
            self.init(Failure(unknown), asJSON: asJSON)
        case let blocked as PreviewBlocked:
            // As JSON the preview has said it all.
            self.init(code: .failed, error: asJSON ? "" : blocked.blockers.map { Failure($0).text }.joined())
        case is LinesRefused:
            self.init(code: .failed)
        case is DivergenceFound:
            self.init(code: .diverged)
        case OutputError.readerIsGone:
            self = .done
        case OutputError.failed(let number):
            // JSON has nowhere to go either.
            self.init(code: .failed, error: Self.outputFailure(number))
        default:
            self.init(parsing: error)
        }
    }

    private init(_ failure: Failure, asJSON: Bool) {
        if asJSON, let line = try? JSONLine().encode(FailureView(error: failure)) {
            self.init(code: .failed, output: line + "\n")
        } else {
            self.init(code: .failed, error: failure.text)
        }
    }

    /// Help that was asked for ends well, on standard output. The parser has 64 for usage errors, we have 2.
    private init(parsing error: any Error) {
        let text = PrometeuPacker.fullMessage(for: error)
            .split(separator: "\n" as Character, omittingEmptySubsequences: false)
            .map { String($0).terminalSafe + "\n" }.joined()
        switch PrometeuPacker.exitCode(for: error) {
        case .success: self.init(code: .done, output: text)
        case .validationFailure: self.init(code: .usage, error: text)
        default: self.init(code: .failed, error: text)
        }
    }

    private static func outputFailure(_ number: Int32) -> String {
        "error: the output cannot be written: \(String(cString: strerror(number)))\n"
    }

    func exit() -> Never {
        var code = code
        var error = error
        do throws(OutputError) {
            try Output(descriptor: STDOUT_FILENO).write(output)
        } catch let failure {
            switch failure {
            case .readerIsGone: break
            case .failed(let number):
                code = .failed
                error += Self.outputFailure(number)
            }
        }
        // Where standard error takes nothing, there is nobody left to tell.
        try? Output(descriptor: STDERR_FILENO).write(error)
        Foundation.exit(code.rawValue)
    }
}
