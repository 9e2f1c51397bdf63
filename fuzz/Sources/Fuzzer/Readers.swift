/// Every reader that is fuzzed, by its name on the command line. The name is also that of its corpus folder.
///
/// Whatever the bytes are, a reader answers: it does not trap, loop, or take memory without bound. Where it answers with
/// a value, the promise of its module is checked, and a broken one ends the process as a trap does.
let readers: [String: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt] = [
    "declaration": { fuzz($0, $1, declaration) },
    "edit": { fuzz($0, $1, edit) },
    "journal": { fuzz($0, $1, journal) },
    "record": { fuzz($0, $1, record) },
    "recovery": { fuzz($0, $1, recovery) },
    "registry": { fuzz($0, $1, registry) },
    "trash": { fuzz($0, $1, trash) },
    "mutation": { fuzz($0, $1, mutation) },
]

private func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int, _ test: ([UInt8]) -> Void) -> CInt {
    test(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// A promise of the reader, checked in optimised builds too.
func promise(_ isKept: Bool, _ message: @autoclosure () -> String) {
    if !isKept { fatalError("a promise is broken: " + message()) }
}
