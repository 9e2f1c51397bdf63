import Foundation
import Testing

@testable import PackerModel

@Suite("Identifiers")
struct IdentifierTests {
    @Test(
        "an id is 1 to 2³¹−1",
        arguments: [(0, false), (1, true), (2_147_483_647, true), (2_147_483_648, false)] as [(UInt32, Bool)])
    func idRange(number: UInt32, isID: Bool) {
        #expect((AssetID(rawValue: number) != nil) == isID)
    }

    @Test("a uuid reads what it wrote, is of version 4, and goes through JSON", arguments: UInt64(1)...50)
    func uuidRoundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let uuid = AssetUUID(using: &generator)
        #expect(AssetUUID(uuid.description) == uuid)
        #expect(UUID(uuidString: uuid.description)?.uuidString.lowercased() == uuid.description)
        #expect(Array(uuid.description)[14] == "4")
        #expect("89ab".contains(Array(uuid.description)[19]))
        #expect(AssetUUID(halves: uuid.halves) == uuid)
        #expect(try JSONDecoder().decode(AssetUUID.self, from: JSONEncoder().encode(uuid)) == uuid)
        let session = SessionID(using: &generator)
        #expect(try JSONDecoder().decode(SessionID.self, from: JSONEncoder().encode(session)) == session)
        let operation = OperationID(using: &generator)
        #expect(try JSONDecoder().decode(OperationID.self, from: JSONEncoder().encode(operation)) == operation)
        #expect(operation.description == operation.uuid.description)
    }

    @Test("of all bytes only 0 to 9 and a to f are digits of a uuid, at each of its places")
    func uuidDigits() {
        let text = Array("01234567-89ab-4cde-8f01-23456789abcd".utf8)
        for place in text.indices where text[place] != UInt8(ascii: "-") {
            for byte in UInt8.min...UInt8.max {
                var other = text
                other[place] = byte
                let digit = Character(UnicodeScalar(byte)).hexDigitValue
                let isDigit = digit != nil && !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
                let uuid = other.withUnsafeBufferPointer { AssetUUID(utf8: $0) }
                #expect((uuid != nil) == isDigit, "\(byte) at \(place)")
                if let uuid { #expect(Array(uuid.description.utf8) == other) }
            }
        }
    }

    @Test(
        "what is no lower-case uuid is refused",
        arguments: [
            "", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-0000000000000",
            "0000000-00000-4000-8000-000000000000", "00000000-0000-4000-8000-00000000000A",
            "00000000-0000-4000-8000-00000000000g", "{0000000-0000-4000-8000-00000000000}",
            "00000000_0000_4000_8000_000000000000", "000000000000400080000000000000000000",
            "00000000-0000-4000-8000-0000000000é",
        ])
    func uuidRejects(text: String) {
        #expect(AssetUUID(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AssetUUID.self, from: JSONEncoder().encode(text))
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(SessionID.self, from: JSONEncoder().encode(text))
        }
    }

    @Test("uuids sort as their texts do", arguments: UInt64(1)...20)
    func uuidOrder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (one, other) = (AssetUUID(using: &generator), AssetUUID(using: &generator))
        #expect((one < other) == (one.description < other.description))
    }

    static let references: [(String, AssetReference?)] = [
        ("12", .id(Sample.id(12))), ("id:12", .id(Sample.id(12))), ("id:0", nil), ("id:", nil), ("id:+5", nil),
        ("id:x", nil), ("id:4294967296", nil), ("+5", .root(Sample.root("+5"))), ("0", .root(Sample.root("0"))),
        ("2147483648", .root(Sample.root("2147483648"))), ("5a", .root(Sample.root("5a"))), ("", nil),
        (Sample.uuid(3).description, .uuid(Sample.uuid(3))),
        ("uuid:" + Sample.uuid(3).description, .uuid(Sample.uuid(3))),
        ("uuid:", nil), ("uuid:x", nil),
        (Sample.uuid(0xa).description.uppercased(), .root(Sample.root(Sample.uuid(0xa).description.uppercased()))),
        ("root:12", .root(Sample.root("12"))), ("root:", nil), ("root:id:7", .root(Sample.root("id:7"))),
        ("a/b", .root(Sample.root("a/b"))),
    ]

    @Test("a reference is read as its form says, and written so that it reads the same", arguments: references)
    func referenceRoundTrip(text: String, expected: AssetReference?) {
        let reference = AssetReference(text)
        #expect(reference == expected)
        if let reference { #expect(AssetReference(reference.description) == reference) }
    }

    @Test("segment files are numbered by id, and only their own spelling is one")
    func segmentNames() {
        let names: [(UInt32, String)] = [
            (1, "index.json"), (127, "index.json"), (128, "index-0001.json"), (255, "index-0001.json"),
            (256, "index-0002.json"), (128 * 9_999, "index-9999.json"), (128 * 10_000, "index-10000.json"),
            (AssetID.largest, "index-16777215.json"),
        ]
        for (id, name) in names {
            #expect(RegistrySegment.fileName(RegistrySegment.index(of: id)) == name)
            #expect(RegistrySegment.index(ofFileName: name) == RegistrySegment.index(of: id))
        }
        for name in [
            "index-1.json", "index-0000.json", "index-+001.json", "index-00001.json", "index-16777216.json",
            "index-0001.JSON", "index-.json", "x",
        ] {
            #expect(RegistrySegment.index(ofFileName: name) == nil)
        }
    }
}
