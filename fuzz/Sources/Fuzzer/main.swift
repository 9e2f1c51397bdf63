import Glibc

// fuzz-target arguments: libFuzzer's own options and corpus folders follow the reader's name.

/// libFuzzer as a library (LLVM's `FuzzerInterface.h`): runs until its limits, and answers the exit code.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// libFuzzer's main function, which is linked and never runs, refers to it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt { 0 }

guard CommandLine.argc > 1, let reader = readers[String(cString: CommandLine.unsafeArgv[1]!)] else {
    print("usage: Fuzzer READER [OPTION...] [CORPUS...]\nreaders: " + readers.keys.sorted().joined(separator: " "))
    exit(2)
}
// The reader's name goes; the program's stays in front of what is left.
var arguments = CommandLine.unsafeArgv + 1
arguments.pointee = CommandLine.unsafeArgv[0]
var count = CommandLine.argc - 1
exit(runDriver(&count, &arguments, reader))
