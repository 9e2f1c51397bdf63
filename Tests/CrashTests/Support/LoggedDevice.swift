import Foundation
import Glibc
import LinuxFiles

/// One file that the kernel reads and writes through this process (FUSE, fuse(4)), for a loop device to stand on: what
/// it holds can be put there at will, and every write and flush is noted.
///
/// It speaks the kernel's protocol itself: a filesystem whose root is a single file needs ten of its requests.
final class LoggedDevice: Sendable {
    private struct State {
        var image = BlockImage()
        var log: [BlockEvent] = []
        var isLogging = false
    }

    let path: String
    private let size: Int
    private let state = Guarded(State())
    private let server: DedicatedThread

    /// - Parameter path: of an empty file.
    init(at path: String, size: Int) throws {
        self.path = path
        self.size = size
        let channel = open("/dev/fuse", O_RDWR | O_CLOEXEC)
        guard channel >= 0 else { throw SystemError("open", "/dev/fuse", errno) }
        let options = "fd=\(channel),rootmode=100600,user_id=0,group_id=0"
        guard mount("logged-device", path, "fuse.logged-device", UInt(MS_NOSUID | MS_NODEV), options) == 0 else {
            let code = errno
            close(channel)
            throw SystemError("mount", BytePath(path), code)
        }
        let state = state
        server = DedicatedThread(name: "logged-device") {
            Self.serve(channel, size, state)
            close(channel)
        }
    }

    /// The server's thread ends with the mount.
    deinit { umount2(path, CInt(MNT_DETACH)) }

    var image: BlockImage { state.withLock { $0.image } }

    /// What the device holds from here on; nobody may have it open.
    func put(_ image: BlockImage, isLogging: Bool) {
        state.withLock {
            $0.image = image
            $0.log = []
            $0.isLogging = isLogging
        }
    }

    var log: [BlockEvent] { state.withLock { $0.log } }
    var logged: Int { state.withLock { $0.log.count } }

    // MARK: The protocol, <linux/fuse.h>

    private static let maxWrite = 1 << 17

    private static func serve(_ channel: CInt, _ size: Int, _ state: Guarded<State>) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: maxWrite + 4096, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(channel, buffer.baseAddress, buffer.count)
            if count < 0 {
                if errno == EINTR || errno == ENOENT || errno == EAGAIN { continue }
                // ENODEV: it was unmounted.
                return
            }
            let request = Request(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            guard let answer = answer(request, size, state) else { continue }
            var reply = [UInt8](repeating: 0, count: 16 + answer.bytes.count)
            reply.withUnsafeMutableBytes { raw in
                raw.storeBytes(of: UInt32(raw.count), toByteOffset: 0, as: UInt32.self)
                raw.storeBytes(of: -answer.error, toByteOffset: 4, as: Int32.self)
                raw.storeBytes(of: request.unique, toByteOffset: 8, as: UInt64.self)
                raw[16...].copyBytes(from: answer.bytes)
            }
            _ = write(channel, reply, reply.count)
        }
    }

    private struct Request {
        let raw: UnsafeRawBufferPointer

        init(_ raw: UnsafeRawBufferPointer) { self.raw = raw }

        var operation: UInt32 { raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
        var unique: UInt64 { raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        func field<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
            raw.loadUnaligned(fromByteOffset: 40 + offset, as: Value.self)
        }
        func rest(_ offset: Int) -> UnsafeRawBufferPointer { .init(rebasing: raw[(40 + offset)...]) }
    }

    private struct Answer {
        var error: Int32 = 0
        var bytes: [UInt8] = []

        init(error: CInt) { self.error = error }

        init(_ count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void = { _ in }) {
            bytes = [UInt8](repeating: 0, count: count)
            bytes.withUnsafeMutableBytes { fill($0) }
        }
    }

    private static func answer(_ request: Request, _ size: Int, _ state: Guarded<State>) -> Answer? {
        switch request.operation {
        case 2, 36, 42: return nil  // FORGET, INTERRUPT, BATCH_FORGET: nobody waits for an answer.
        case 3: return Answer(104) { attributes(size, $0) }  // GETATTR
        case 4: return Answer(104) { attributes(size, $0) }  // SETATTR
        case 14: return Answer(16) { $0.storeBytes(of: 1, toByteOffset: 8, as: UInt32.self) }  // OPEN, uncached
        case 15:  // READ
            let offset = Int(request.field(8, UInt64.self))
            let count = max(0, min(Int(request.field(16, UInt32.self)), size - offset))
            let image = state.withLock { $0.image }
            return Answer(count) { image.read(at: offset, into: $0) }
        case 16:  // WRITE
            let offset = Int(request.field(8, UInt64.self))
            let bytes = UnsafeRawBufferPointer(rebasing: request.rest(40).prefix(Int(request.field(16, UInt32.self))))
            state.withLock { state in
                state.image.write(bytes, at: offset)
                if state.isLogging { state.log.append(.write(offset: offset, bytes: Array(bytes))) }
            }
            return Answer(8) { $0.storeBytes(of: UInt32(bytes.count), toByteOffset: 0, as: UInt32.self) }
        case 17:  // STATFS
            return Answer(80) { $0.storeBytes(of: UInt32(4096), toByteOffset: 40, as: UInt32.self) }
        case 20:  // FSYNC
            state.withLock { if $0.isLogging { $0.log.append(.flush) } }
            return Answer(0)
        case 43:  // FALLOCATE
            let (offset, count) = (Int(request.field(8, UInt64.self)), Int(request.field(16, UInt64.self)))
            guard request.field(24, UInt32.self) & 0x12 != 0 else { return Answer(error: EOPNOTSUPP) }
            state.withLock { state in
                state.image.punch(at: offset, count: count)
                if state.isLogging { state.log.append(.punch(offset: offset, count: count)) }
            }
            return Answer(0)
        case 18, 25: return Answer(0)  // RELEASE, FLUSH
        case 26:  // INIT
            return Answer(64) {
                $0.storeBytes(of: 7, toByteOffset: 0, as: UInt32.self)
                $0.storeBytes(of: 31, toByteOffset: 4, as: UInt32.self)
                $0.storeBytes(of: UInt32(maxWrite), toByteOffset: 8, as: UInt32.self)
                // BIG_WRITES, MAX_PAGES
                $0.storeBytes(of: 1 << 5 | 1 << 22, toByteOffset: 12, as: UInt32.self)
                $0.storeBytes(of: UInt32(maxWrite), toByteOffset: 20, as: UInt32.self)
                $0.storeBytes(of: 1, toByteOffset: 24, as: UInt32.self)
                $0.storeBytes(of: UInt16(maxWrite / 4096), toByteOffset: 28, as: UInt16.self)
            }
        case 38: return Answer(0)  // DESTROY
        default: return Answer(error: ENOSYS)
        }
    }

    private static func attributes(_ size: Int, _ answer: UnsafeMutableRawBufferPointer) {
        answer.storeBytes(of: 1, toByteOffset: 16, as: UInt64.self)
        answer.storeBytes(of: UInt64(size), toByteOffset: 24, as: UInt64.self)
        answer.storeBytes(of: UInt64(size / 512), toByteOffset: 32, as: UInt64.self)
        answer.storeBytes(of: UInt32(S_IFREG) | 0o600, toByteOffset: 76, as: UInt32.self)
        answer.storeBytes(of: 1, toByteOffset: 80, as: UInt32.self)
        answer.storeBytes(of: 4096, toByteOffset: 96, as: UInt32.self)
    }
}
