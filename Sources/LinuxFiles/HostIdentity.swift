import Glibc

/// Who we are on this machine, and since when, for the owner's note beside the lock and for telling a crash from a power cut.
package struct HostIdentity: Sendable, Equatable, CustomStringConvertible {
    package var processID: Int32
    package var hostName: String
    /// Differs after every boot.
    package var bootID: String
    /// When this was asked, in seconds since 1970; nil where it does not matter.
    package var since: Int64?

    package init(processID: Int32, hostName: String, bootID: String, since: Int64? = nil) {
        self.processID = processID
        self.hostName = hostName
        self.bootID = bootID
        self.since = since
    }

    /// For people, in UTC.
    package var description: String {
        let who = "pid \(processID) on \(hostName)"
        guard let since else { return who }
        var (time, parts) = (time_t(since), tm())
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return who + " since " + String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
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
            bootID: String(decoding: boot, as: UTF8.self),
            since: Int64(time(nil))
        )
    }
}
