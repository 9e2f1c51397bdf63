/// The name of one place in the code where a system call is about to be made.
///
/// Every call through `Disk` names its point, in release builds too, so that a test can kill, fail or pause there.
package struct FaultPoint: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var description: String { name }
}

package enum FaultAction: Sendable {
    case proceed
    case fail(CInt)
    /// A write stops after this many bytes; other calls proceed.
    case short(Int)
}

/// Decides what happens at each fault point. It may also block there, or end the process.
package protocol FaultInjector: Sendable {
    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction
}
