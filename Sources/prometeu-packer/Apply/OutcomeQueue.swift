import Foundation
import Packer

/// What came of one line.
struct LineOutcome: Sendable {
    var line: Int
    /// Nil for what is no mutation.
    var name: String?
    var operation: OperationID?
    var result: Result<OperationOutcome, PackerError>
}

/// Lines on their way through the lane, in their order and a bounded number of them at a time.
///
/// One thread opens places, one takes what is done; outcomes come from any.
final class OutcomeQueue: @unchecked Sendable {
    // Unchecked: `state` is touched only with `condition` held.
    private struct Place {
        var cost: Int
        var outcome: LineOutcome?
    }

    private struct State {
        var places: [Place] = []
        /// The number of the first place.
        var first = 0
        var cost = 0
        var isFinished = false
    }

    /// Several groups of the lane, so that one waits while another is committed.
    static let capacity = 512
    /// Bytes of lines.
    static let costLimit = 2 * LineSource.longestLine

    private let condition = NSCondition()
    private var state = State()

    /// Waits for room.
    /// - Returns: the place's number.
    func open(cost: Int) -> Int {
        condition.withLock {
            while state.places.count >= Self.capacity || (state.cost + cost > Self.costLimit && !state.places.isEmpty) {
                condition.wait()
            }
            state.places.append(Place(cost: cost))
            state.cost += cost
            return state.first + state.places.count - 1
        }
    }

    func put(_ outcome: LineOutcome, at place: Int) {
        condition.withLock {
            state.places[place - state.first].outcome = outcome
            condition.broadcast()
        }
    }

    /// Returns when something has ended, or a moment has passed.
    func waitForAnEnd() {
        condition.withLock { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.01)) }
    }

    /// No further place is opened.
    func finish() {
        condition.withLock {
            state.isFinished = true
            condition.broadcast()
        }
    }

    /// Waits for the first outcome and gives it with those that follow it without a gap; nil when all are given.
    func take() -> [LineOutcome]? {
        condition.withLock {
            while state.places.first?.outcome == nil {
                if state.isFinished && state.places.isEmpty { return nil }
                condition.wait()
            }
            let done = state.places.prefix { $0.outcome != nil }
            state.places.removeFirst(done.count)
            state.first += done.count
            state.cost -= done.reduce(0) { $0 + $1.cost }
            condition.broadcast()
            return done.compactMap(\.outcome)
        }
    }
}
