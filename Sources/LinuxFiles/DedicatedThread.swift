import CLinux
import Glibc

/// A named thread of our own, outside the cooperative pool, so that it may block.
package final class DedicatedThread: @unchecked Sendable {
    // Unchecked: `thread` is written before the initialiser returns; `isJoined` only by `join` and read by `deinit`.
    private var thread = pthread_t()
    private var isJoined = false

    /// The name is cut to the kernel's 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) {
        final class Start {
            let name: String
            let body: @Sendable () -> Void
            init(_ name: String, _ body: @escaping @Sendable () -> Void) {
                self.name = name
                self.body = body
            }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let start = Unmanaged.passRetained(Start(name, body)).toOpaque()
        let result = pthread_create(
            &thread,
            &attributes,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                clinux_name_thread(String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
                start.body()
                return nil
            },
            start
        )
        pthread_attr_destroy(&attributes)
        precondition(result == 0, "no thread \(name): \(String(cString: strerror(result)))")
    }

    deinit {
        if !isJoined { pthread_detach(thread) }
    }

    /// Waits for the body to return. Call it once, and not from the thread itself.
    package func join() {
        pthread_join(thread, nil)
        isJoined = true
    }

    package var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// Runs two pieces of work side by side, one of them on the caller's thread, and waits for both.
    package static func both<One: Sendable, Other: Sendable>(
        _ one: @escaping @Sendable () -> One, _ other: @escaping @Sendable () -> Other
    ) -> (One, Other) {
        let second = Guarded<Other?>(nil)
        let thread = DedicatedThread(name: "packer-beside") {
            let result = other()
            second.withLock { $0 = result }
        }
        let first = one()
        thread.join()
        return (first, second.withLock { $0! })
    }
}
