/// The system's randomness, for new identities.
///
/// It has something stored: an inout argument of an empty type, as the system's own generator is one, has no address, and
/// the thread sanitizer looks at it all the same (swiftlang/swift#66099).
struct RandomSource: RandomNumberGenerator {
    private var system: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()

    mutating func next() -> UInt64 { system.next() }
}
