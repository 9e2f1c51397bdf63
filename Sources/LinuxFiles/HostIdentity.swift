import Glibc

/// Who we are on this machine, for the owner's note beside the lock and for telling a crash from a power cut.
package struct HostIdentity: Sendable, Equatable {
    package var processID: Int32
    package var hostName: String
    /// Differs after every boot.
    package var bootID: String

    package init(processID: Int32, hostName: String, bootID: String) {
        self.processID = processID
        self.hostName = hostName
        self.bootID = bootID
    }

    package static func current() -> HostIdentity {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        var boot = [UInt8](repeating: 0, count: 36)
        let file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        if file >= 0 {
            if read(file, &boot, boot.count) != boot.count { boot = [] }
            close(file)
        }
        return HostIdentity(
            processID: getpid(),
            hostName: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self),
            bootID: String(decoding: boot, as: UTF8.self)
        )
    }
}
