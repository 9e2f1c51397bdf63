import Foundation

/// Sizes, counts and times as people and programs read them.
enum Quantity {
    /// `0 B`, `1.5 KiB`, `20 MiB`: two digits at least.
    static func size(_ bytes: UInt64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard bytes >= 1024 else { return "\(bytes) B" }
        var amount = Double(bytes) / 1024
        var unit = 0
        while amount >= 1023.5, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        return (amount < 9.95 ? String(format: "%.1f", amount) : String(format: "%.0f", amount)) + " " + units[unit]
    }

    /// `1 asset`, `2 assets`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Nanoseconds since 1970 in the local time zone, for people.
    static func localTime(_ nanoseconds: Int64) -> String {
        var (seconds, _) = split(nanoseconds)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return date(parts, separator: " ")
    }

    /// Nanoseconds since 1970 as RFC 3339 in UTC, exact: sorts as text, and survives readers with 53-bit numbers.
    static func exactTime(_ nanoseconds: Int64) -> String {
        var (seconds, fraction) = split(nanoseconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return date(parts, separator: "T") + "." + padded(fraction, 9) + "Z"
    }

    private static func split(_ nanoseconds: Int64) -> (time_t, Int) {
        let (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return fraction < 0 ? (time_t(seconds - 1), Int(fraction + 1_000_000_000)) : (time_t(seconds), Int(fraction))
    }

    private static func date(_ parts: tm, separator: String) -> String {
        let day = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
        ]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return day.joined(separator: "-") + separator + time.joined(separator: ":")
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
