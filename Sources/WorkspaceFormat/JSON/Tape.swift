import CJSON
import PackerModel

/// The values of one document in their order, each with the bytes where it stands. Nodes are named by their index;
/// the document's own value is node 0.
///
/// Points into its parser and the source: it must not outlive `JSONParser.withTape`'s body.
struct Tape {
    let source: UnsafeBufferPointer<UInt8>
    private let nodes: UnsafeBufferPointer<CJSONNode>
    private let decoded: UnsafePointer<UInt8>?
    private let duplicates: UInt32

    init(source: UnsafeBufferPointer<UInt8>) {
        self.source = source
        nodes = UnsafeBufferPointer(start: nil, count: 0)
        decoded = nil
        duplicates = 0
    }

    init(_ result: CJSONResult, source: UnsafeBufferPointer<UInt8>) {
        self.source = source
        nodes = UnsafeBufferPointer(start: result.nodes, count: Int(result.count))
        decoded = result.text
        duplicates = result.duplicates
    }

    var nodeCount: Int { nodes.count }

    func kind(_ node: Int) -> CJSONKind { nodes[node].kind }

    /// The bytes where the value stands, its quotes or brackets included.
    func range(_ node: Int) -> Range<Int> {
        let start = Int(nodes[node].start)
        return start..<start + Int(nodes[node].length)
    }

    func start(_ node: Int) -> Int { Int(nodes[node].start) }

    /// How many members or elements.
    func count(_ node: Int) -> Int { Int(nodes[node].count) }

    /// The value as it is spelled in the source.
    func raw(_ node: Int) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: source[range(node)]) }

    /// The decoded text of a key or string.
    func text(_ node: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: decoded! + start(node) + 1, count: Int(nodes[node].text_length))
    }

    func string(_ node: Int) -> String { String(decoding: text(node), as: UTF8.self) }

    /// A value for a message: decoded or as it is spelled, without control characters, and not longer than one reads.
    func shown(_ node: Int) -> String {
        let isText = kind(node) == .string || kind(node) == .key
        let bytes = isText ? text(node) : raw(node)
        guard bytes.count > Self.longestShown else { return String(decoding: bytes, as: UTF8.self).escaped }
        var end = Self.longestShown
        while bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self).escaped + "…"
    }

    private static let longestShown = 120

    /// Whether a key or string is this text, once decoded.
    func text(_ node: Int, is name: StaticString) -> Bool {
        let text = text(node)
        guard text.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<text.count where text[index] != name.utf8Start[index] { return false }
        return true
    }

    /// A number that is written as a plain integer, 0 or above; nil for any other spelling, or above `UInt64.max`.
    func integer(_ node: Int) -> UInt64? {
        guard kind(node) == .number else { return nil }
        var value: UInt64 = 0
        for byte in raw(node) {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
            let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if tensOverflow || sumOverflow { return nil }
            value = sum
        }
        return value
    }

    /// Whether it is a number above the limit and written as a plain integer, however long.
    func isAbove(_ limit: Int, _ node: Int) -> Bool {
        guard kind(node) == .number, raw(node).allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return false }
        return (integer(node) ?? .max) > UInt64(limit)
    }

    /// The members of an object, in the file's order.
    func members(_ object: Int) -> Members { Members(tape: self, key: object + 1, end: Int(nodes[object].next)) }

    /// The elements of an array.
    func elements(_ array: Int) -> Elements { Elements(tape: self, element: array + 1, end: Int(nodes[array].next)) }

    struct Members: Sequence, IteratorProtocol {
        let tape: Tape
        var key: Int
        let end: Int

        mutating func next() -> (key: Int, value: Int)? {
            guard key < end else { return nil }
            defer { key = Int(tape.nodes[key + 1].next) }
            return (key, key + 1)
        }
    }

    struct Elements: Sequence, IteratorProtocol {
        let tape: Tape
        var element: Int
        let end: Int

        mutating func next() -> Int? {
            guard element < end else { return nil }
            defer { element = Int(tape.nodes[element].next) }
            return element
        }
    }

    /// Whether a key repeats an earlier one of its object.
    func isRepeated(key: Int) -> Bool { nodes[key].count != 0 }

    /// A problem for each key that stands twice in one object; of a file with very many, the first ones.
    func duplicateKeys(atMost limit: Int) -> [JSONProblem] {
        guard duplicates > 0 else { return [] }
        return nodes.indices.lazy
            .filter { kind($0) == .key && isRepeated(key: $0) }
            .prefix(limit)
            .map { JSONProblem(repeatedKey: self.shown($0), at: self.start($0), first: self.firstPlace(of: $0)) }
    }

    private func firstPlace(of key: Int) -> SourcePlace {
        SourcePlace(of: start(Int(nodes[key].count) - 1), in: source)
    }
}

extension CJSONKind {
    /// For a message: "but … stands here".
    var name: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .key, .string: "a string"
        case .number: "a number"
        case .true, .false: "a boolean"
        case .null: "null"
        }
    }
}
