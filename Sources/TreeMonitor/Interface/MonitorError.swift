import CInotifyTools
import LinuxFiles

/// The library cannot be used in this process, for now or at all.
package struct MonitorError: Error, Equatable, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable {
        package let name: String

        /// libinotifytools is not installed, or lacks a function.
        package static let libraryMissing = Code(name: "monitor.library-missing")
        /// The host exports a global that the library exports too.
        package static let hostSymbolClash = Code(name: "monitor.host-symbol-clash")
        /// The host uses the library itself; it has one state for the whole process.
        package static let libraryInUse = Code(name: "monitor.library-in-use")
    }

    package var code: Code
    package var message: String
    package var remedy: String

    package init(code: Code, message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(code.name): \(message) \(remedy)" }

    /// The last answer. cinotify_load may be called from one thread at a time.
    private static let answer = Guarded<MonitorError?>(nil)

    /// Nil once the library is there and safe to use.
    static func loadingLibrary() -> MonitorError? {
        answer.withLock { answer in
            answer = load()
            return answer
        }
    }

    private static func load() -> MonitorError? {
        let (result, detail) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let result = cinotify_load(buffer.baseAddress, buffer.count)
            return (result, String(cString: buffer.baseAddress!))
        }
        switch result {
        case CINOTIFY_LOADED:
            return nil
        case CINOTIFY_HOST_CLASH:
            return MonitorError(
                code: .hostSymbolClash,
                message: "This program exports a global named '\(detail)', as libinotifytools does.",
                remedy: "Make it static or hidden, or link the program without -rdynamic."
            )
        case CINOTIFY_LIBRARY_IN_USE:
            return MonitorError(
                code: .libraryInUse,
                message: "\(detail) is loaded in this process by somebody else.",
                remedy: "Do not link libinotifytools into a program that watches projects."
            )
        default:
            return MonitorError(
                code: .libraryMissing,
                message: "libinotifytools cannot be used: \(detail).",
                remedy: "Install the package libinotifytools0 (3.22.6 or later)."
            )
        }
    }
}
