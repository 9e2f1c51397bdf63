import LinuxFiles
import PackerModel

/// One piece of work on the caller's thread, the other on one that ends with the call.
struct SideBySide: PairRunner {
    func run<One: Sendable, Other: Sendable>(
        _ one: @escaping @Sendable () -> One, _ other: @escaping @Sendable () -> Other
    ) -> (One, Other) { DedicatedThread.both(one, other) }
}
