import Foundation
import Packer

/// One line on standard error that is written over while the disk is read; nothing where that is no terminal.
final class ProgressLine: @unchecked Sendable {
    // Unchecked: `state` is touched only with `lock` held.
    private let lock = NSLock()
    private var state = State()
    private let output = Output(descriptor: STDERR_FILENO)
    private let isTerminal: Bool

    private struct State {
        /// Work that is over sooner than this is not worth a line.
        var nextDrawing = ContinuousClock.now + ProgressLine.pause
        var isShown = false
        var isOver = false
    }

    private static let pause = Duration.milliseconds(100)
    private static let eraseLine = "\r\u{1b}[2K"

    init() { isTerminal = output.isTerminal }

    /// Called on the project's delivery thread.
    func show(_ activity: String, _ counts: ScanProgress) { show(Self.text(activity, counts)) }

    func show(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        lock.withLock {
            guard !state.isOver, ContinuousClock.now >= state.nextDrawing else { return }
            state.nextDrawing = .now + Self.pause
            state.isShown = true
            try? output.write(Self.eraseLine + text())
        }
    }

    /// A line that stays, whether standard error is a terminal or not; `text` is made safe.
    func interject(_ text: String) {
        lock.withLock {
            try? output.write((state.isShown && !state.isOver ? Self.eraseLine : "") + text.terminalSafe + "\n")
        }
    }

    /// Takes the line away; nothing is drawn afterwards.
    func end() {
        lock.withLock {
            if state.isShown, !state.isOver { try? output.write(Self.eraseLine) }
            state.isOver = true
        }
    }

    static func text(_ activity: String, _ counts: ScanProgress) -> String {
        var text = "\(activity): \(Quantity.count(counts.folders, "folder")), \(Quantity.count(counts.assets, "asset"))"
        if counts.diagnostics > 0 { text += ", \(Quantity.count(counts.diagnostics, "diagnostic"))" }
        return text
    }
}
