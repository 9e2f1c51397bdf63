/// An open file or folder. It is closed when the last reference goes.
package final class Handle: Sendable {
    package let number: CInt
    /// Where it was opened, for messages.
    package let path: BytePath
    private let close: @Sendable (CInt) -> Void

    package init(number: CInt, path: BytePath, close: @escaping @Sendable (CInt) -> Void) {
        self.number = number
        self.path = path
        self.close = close
    }

    deinit { close(number) }
}
