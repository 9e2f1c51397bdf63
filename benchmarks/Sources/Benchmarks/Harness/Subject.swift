/// One way to do a journey's work.
struct Subject {
    let name: String
    let role: Role
    /// How many operations are timed as one, where a single one is shorter than looking at the clock.
    let batch: Int
    /// How many times a round does that.
    let repeats: Int
    /// Before each of these, untimed.
    let prepare: () throws -> Void
    /// Does that many operations; answers a checksum. What it answers in `own` replaces the time that was taken.
    let body: (Int) throws -> Outcome

    enum Outcome {
        case checksum(UInt64)
        /// The work knows better what is to be counted: nanoseconds for all of it.
        case own(nanoseconds: Double)
    }

    init(
        _ name: String, _ role: Role, batch: Int = 1, repeats: Int = 1, prepare: @escaping () throws -> Void = {},
        _ body: @escaping (Int) throws -> UInt64
    ) {
        self.name = name
        self.role = role
        self.batch = batch
        self.repeats = repeats
        self.prepare = prepare
        self.body = { .checksum(try body($0)) }
    }

    init(
        own name: String, _ role: Role, repeats: Int = 1, prepare: @escaping () throws -> Void = {},
        _ body: @escaping () throws -> Double
    ) {
        self.name = name
        self.role = role
        self.batch = 1
        self.repeats = repeats
        self.prepare = prepare
        self.body = { _ in .own(nanoseconds: try body()) }
    }

    func round(into series: inout Series) throws {
        for _ in 0..<repeats {
            try prepare()
            var checksum: UInt64 = 0
            var own: Double?
            let time = try nanoseconds {
                switch try body(batch) {
                case .checksum(let value): checksum = value
                case .own(let nanoseconds): own = nanoseconds
                }
            }
            keep(checksum)
            series.record(nanoseconds: (own ?? time) / Double(batch))
        }
    }
}
