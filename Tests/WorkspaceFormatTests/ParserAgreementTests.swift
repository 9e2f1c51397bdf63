import CJSON
import Foundation
import PackerModel
import PackerTestSupport
import Testing

@testable import WorkspaceFormat

@Suite struct ParserAgreementTests {
    @Test("any valid document has the values that Foundation reads, and ranges that spell them", arguments: 0..<2000)
    func values(_ seed: UInt64) throws {
        var document = RandomDocument(seed: seed)
        let text = document.value()
        let expected = try #require(foundation(text), "seed \(seed)")
        text.withUnsafeBufferPointer { source in
            JSONParser().withTape(source, maximumBytes: .max) { tape, problem in
                #expect(problem == nil, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
                guard problem == nil else { return }
                #expect(tape.duplicateKeys(atMost: 1).isEmpty, "seed \(seed)")
                #expect(isEqual(tape, 0, expected), "seed \(seed): \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    private func isEqual(_ tape: Tape, _ node: Int, _ value: Any) -> Bool {
        // The bytes of the range alone must spell the same value.
        guard let alone = foundation(tape.raw(node)), [alone] as NSArray == [value] as NSArray else { return false }
        switch tape.kind(node) {
        case .object:
            guard let value = value as? [String: Any], value.count == tape.count(node) else { return false }
            return tape.members(node).allSatisfy { member in
                let name = tape.string(member.key)
                guard let expected = value[name], foundation(tape.raw(member.key)) as? String == name else {
                    return false
                }
                return isEqual(tape, member.value, expected)
            }
        case .array:
            guard let value = value as? [Any], value.count == tape.count(node) else { return false }
            return zip(tape.elements(node), value).allSatisfy { isEqual(tape, $0, $1) }
        case .string, .key: return (value as? String).map { $0.utf8.elementsEqual(tape.text(node)) } == true
        case .number:
            guard let ours = Double(String(decoding: tape.raw(node), as: UTF8.self)),
                let theirs = (value as? NSNumber)?.doubleValue
            else { return false }
            // Foundation goes through a decimal number, which costs the last bits.
            return abs(ours - theirs) <= ours.magnitude * 1e-14
        case .true: return value as? Bool == true
        case .false: return value as? Bool == false
        case .null: return value is NSNull
        }
    }

    private func foundation(_ bytes: some Collection<UInt8>) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    /// What we refuse and Foundation reads.
    private func isStricter(_ problem: JSONProblem, _ bytes: [UInt8]) -> Bool {
        switch problem.kind {
        case .byteOrderMark, .nul, .tooDeep: return true
        case .syntax where problem.message.hasPrefix("the number is too large"):
            // RapidJSON looks at the exponent before it sees that the number is 0.
            return bytes[problem.offset!...].prefix { !"eE".utf8.contains($0) }.allSatisfy { "-0.".utf8.contains($0) }
        default:
            // A comma before the closing bracket.
            guard let offset = problem.offset, offset < bytes.count, "]}".utf8.contains(bytes[offset]) else {
                return false
            }
            return bytes[..<offset].last { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: ",")
        }
    }

    /// What Foundation refuses and we read: RapidJSON does not see that a fraction with a large exponent overflows.
    /// A number is only text to us.
    private func hasOverflow(_ tape: Tape) -> Bool {
        (0..<tape.nodeCount).contains {
            tape.kind($0) == .number && Double(String(decoding: tape.raw($0), as: UTF8.self))?.isInfinite == true
        }
    }

    @Test("damaged bytes never crash, and are refused exactly when Foundation refuses them", arguments: 0..<4)
    func damage(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let parser = JSONParser()
        let declarations = DeclarationFormat()
        let registries = RegistryFormat()
        for round in 0..<8000 {
            var document = RandomDocument(seed: random.next())
            var bytes =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: Array(SampleDeclaration.text.utf8)
                case 1: RegistryFormat.write(RegistrySegment(nextAssetID: 9, using: &random))
                default: document.value()
                }
            for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.damage(using: &random) }
            let (problem, overflows) = bytes.withUnsafeBufferPointer { source in
                parser.withTape(source, maximumBytes: .max) { ($1, hasOverflow($0)) }
            }
            let theirs = foundation(bytes) != nil
            let agrees = problem.map { !theirs || isStricter($0, bytes) } ?? (theirs || overflows)
            #expect(agrees, "seed \(seed), round \(round): \(problem?.message ?? "read"): \(bytes.debugText)")
            let reading = declarations.read(bytes, path: "asset.json")
            #expect((reading.declaration == nil) == reading.diagnostics.contains { $0.severity == .error })
            let registry = registries.read(bytes, index: 0, path: "index.json")
            #expect((registry.segment == nil) == !registry.diagnostics.isEmpty)
            _ = try? declarations.edit(bytes, [DeclarationEdit(["name"], .string("x"))])
            if !agrees { return }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func damage(using random: inout SplitMix) {
        guard !isEmpty else { return append(UInt8.random(in: .min ... .max, using: &random)) }
        let index = Int.random(in: 0..<count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: self[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: self[index] = UInt8.random(in: .min ... .max, using: &random)
        case 2: removeSubrange(index...)
        case 3: remove(at: index)
        case 4:
            let part = self[index..<Swift.min(count, index + Int.random(in: 1...40, using: &random))]
            insert(contentsOf: Array(part), at: Int.random(in: 0...count, using: &random))
        case 5: self[index] = Array("{}[]\",:\\u0dD8eE+-./ \n\t".utf8).randomElement(using: &random)!
        default:
            insert(
                contentsOf: Array("\\ud8\\udc00\\u0000".utf8).prefix(Int.random(in: 1...6, using: &random)),
                at: index
            )
        }
    }

    fileprivate var debugText: String {
        map { $0 >= 0x20 && $0 < 0x7f ? String(Unicode.Scalar($0)) : "\\x\(String($0, radix: 16))" }.joined()
    }
}
