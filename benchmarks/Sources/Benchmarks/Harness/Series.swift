import CFloors
import Histogram

/// Whose cost a series is.
enum Role: String, Codable {
    case ours
    case floor
    case peer
}

/// The costs of one subject in one cell, in picoseconds so that a load of 0.4 ns still has three digits.
struct Series {
    private var histogram = Histogram<UInt32>(
        highestTrackableValue: 1_000_000_000_000_000, numberOfSignificantValueDigits: .three)

    mutating func record(nanoseconds: Double, count: Int = 1) {
        histogram.record(UInt64(max(nanoseconds * 1000, 1)), count: UInt32(clamping: count))
    }

    mutating func merge(_ other: Series) { histogram.add(other.histogram) }

    var count: Int { Int(histogram.totalCount) }
    var minimum: Double { Double(histogram.minNonZero) / 1000 }
    /// In nanoseconds.
    func percentile(_ percent: Double) -> Double { Double(histogram.valueAtPercentile(percent)) / 1000 }
}

/// Keeps results alive, so that the optimiser cannot remove the loop that made them.
@inline(never)
func keep(_ checksum: UInt64) {
    if checksum == 0x5eed_5eed_5eed_5eed { print("a checksum met the one value that is printed") }
}

func nanoseconds(of body: () throws -> Void) rethrows -> Double {
    let start = floor_now()
    try body()
    return Double(floor_now() - start)
}
