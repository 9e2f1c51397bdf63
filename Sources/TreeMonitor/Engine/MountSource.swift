import Glibc

/// /proc/self/mountinfo, open: poll(2) answers POLLPRI and POLLERR on it after every change.
///
/// Only the monitor's thread touches it.
final class MountSource {
    private(set) var descriptor: CInt = -1

    func open() {
        if descriptor < 0 { descriptor = Glibc.open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC) }
    }

    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    func read() -> MountTable {
        var text: [UInt8] = []
        guard descriptor >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { return MountTable([]) }
        withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
            while true {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return }
                text.append(contentsOf: buffer[..<count])
            }
        }
        return MountTable(text)
    }
}
