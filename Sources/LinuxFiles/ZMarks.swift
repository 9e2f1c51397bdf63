import Glibc
package enum Marks {
    nonisolated(unsafe) static var last: UInt64 = 0
    nonisolated(unsafe) static var all: [String: [UInt64]] = [:]
    nonisolated(unsafe) static var order: [String] = []
    package static func now() -> UInt64 {
        var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t);
        return UInt64(t.tv_sec) * 1_000_000_000 + UInt64(t.tv_nsec)
    }
    package static func at(_ s: String) {
        let n = now()
        if all[s] == nil { order.append(s); all[s] = [] }
        all[s]!.append(n - last)
        last = now()
    }
    package static func dump() {
        for s in order {
            let v = all[s]!.sorted();
            print(s, "n", v.count, "p50", v[v.count / 2] / 1000, "p90", v[v.count * 9 / 10] / 1000, "us")
        }
    }
}
