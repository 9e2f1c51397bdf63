/// Why bytes are not a JSON document that we accept, in words for a person.
struct JSONProblem: Equatable {
    enum Kind { case tooLarge, byteOrderMark, nul, tooDeep, duplicateKey, syntax, noMemory }

    var kind: Kind
    /// Nil where the whole file is meant.
    var offset: Int?
    var message: String
    var remedy: String

    /// What is looked at before the bytes are parsed at all.
    static func beforeParsing(_ source: UnsafeBufferPointer<UInt8>, maximumBytes: Int) -> JSONProblem? {
        guard source.count <= maximumBytes else {
            return JSONProblem(
                kind: .tooLarge,
                offset: nil,
                message: "the file has \(source.count) bytes; at most \(maximumBytes) are read",
                remedy: "Move large content into an input file of the asset."
            )
        }
        let marks: [(bytes: [UInt8], encoding: String)] = [
            ([0xef, 0xbb, 0xbf], "UTF-8"), ([0xff, 0xfe], "UTF-16"), ([0xfe, 0xff], "UTF-16"),
        ]
        guard let first = source.first, first >= 0xef, let mark = marks.first(where: { source.starts(with: $0.bytes) })
        else { return nil }
        return JSONProblem(
            kind: .byteOrderMark,
            offset: 0,
            message: "the file starts with a byte order mark (\(mark.encoding))",
            remedy: "Save the file as UTF-8 without a byte order mark."
        )
    }

    init(kind: Kind, offset: Int?, message: String, remedy: String) {
        self.kind = kind
        self.offset = offset
        self.message = message
        self.remedy = remedy
    }

    init(repeatedKey key: String, at offset: Int, first: SourcePlace) {
        self.init(
            kind: .duplicateKey,
            offset: offset,
            message: "the member \"\(key)\" stands twice in one object, first at \(first)",
            remedy: "Keep one of the two members."
        )
    }
}
