/// Finds numbers by the hash of what they stand for, which lies in an array already: a hash table of numbers alone.
struct NumberTable {
    /// Of the process, so that nobody can make a project whose names all collide.
    private static let seed = UInt64.random(in: .min ... .max)

    /// The upper half of a hash above a number and 1; 0 where there is none.
    private var slots: [UInt64]
    private let mask: Int

    /// - Parameter capacity: more than that are never inserted.
    init(capacity: Int) {
        var size = 16
        while size < 2 * capacity { size *= 2 }
        slots = Array(repeating: 0, count: size)
        mask = size - 1
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 { IndexHash.of(bytes, seed: seed) }
    static func hash(_ uuid: AssetUUID) -> UInt64 { IndexHash.of(uuid, seed: seed) }

    /// The first number with the hash that is wanted.
    @inline(__always)
    func first(_ hash: UInt64, where isWanted: (Int) -> Bool) -> Int? {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let number = Int(truncatingIfNeeded: slots[slot] & 0xffff_ffff) - 1
            if slots[slot] >> 32 == hash >> 32, isWanted(number) { return number }
            slot = (slot + 1) & mask
        }
        return nil
    }

    mutating func insert(_ number: Int, _ hash: UInt64) {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = hash & ~0xffff_ffff | UInt64(number + 1)
    }
}
