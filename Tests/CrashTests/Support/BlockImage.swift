import Foundation
import LinuxFiles

/// The content of a block device, as far as it is not zero.
struct BlockImage: Sendable {
    static let blockSize = 4096
    private var blocks: [Int: [UInt8]] = [:]

    var count: Int { blocks.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        var done = 0
        while done < buffer.count {
            let (block, start) = (offset + done).quotientAndRemainder(dividingBy: Self.blockSize)
            let count = min(Self.blockSize - start, buffer.count - done)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)])
            if let bytes = blocks[block] {
                bytes.withUnsafeBytes { part.copyMemory(from: .init(rebasing: $0[start..<(start + count)])) }
            } else {
                memset(part.baseAddress!, 0, count)
            }
            done += count
        }
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        var done = 0
        while done < bytes.count {
            let (block, start) = (offset + done).quotientAndRemainder(dividingBy: Self.blockSize)
            let count = min(Self.blockSize - start, bytes.count - done)
            let part = UnsafeRawBufferPointer(rebasing: bytes[done..<(done + count)])
            if blocks[block] == nil, part.allSatisfy({ $0 == 0 }) {
                // Most of what mkfs writes.
            } else if count == Self.blockSize {
                blocks[block] = Array(part)
            } else {
                blocks[block, default: [UInt8](repeating: 0, count: Self.blockSize)].withUnsafeMutableBytes {
                    $0[start...].copyBytes(from: part)
                }
            }
            done += count
        }
    }

    /// A hole, as `fallocate` makes it: whole blocks go, the rest is zeroed.
    mutating func punch(at offset: Int, count: Int) {
        var position = offset
        while position < offset + count {
            let (block, start) = position.quotientAndRemainder(dividingBy: Self.blockSize)
            let length = min(Self.blockSize - start, offset + count - position)
            if length == Self.blockSize {
                blocks[block] = nil
            } else {
                _ = blocks[block]?.withUnsafeMutableBytes { memset($0.baseAddress! + start, 0, length) }
            }
            position += length
        }
    }
}

/// What reached a block device, in order.
enum BlockEvent: Sendable {
    case write(offset: Int, bytes: [UInt8])
    case punch(offset: Int, count: Int)
    /// Everything that was answered before it was asked for is on the medium.
    case flush
}
