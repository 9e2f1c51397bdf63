import CJSON
import PackerModel

/// The bytes to put in place of a range of the file so that one member has its new value.
struct DeclarationSplice {
    private(set) var range: Range<Int> = 0..<0
    private(set) var bytes: [UInt8] = []
    private let tape: Tape
    private var layout: JSONLayout

    init(_ edit: DeclarationEdit, in tape: Tape) throws(DeclarationEditError) {
        self.tape = tape
        layout = JSONLayout(of: tape)
        var object = 0
        for (depth, name) in edit.path.enumerated() {
            guard tape.kind(object) == .object else { throw .notAnObject(path: Array(edit.path[..<depth])) }
            guard let value = tape.value(of: name, in: object) else {
                let missing = edit.path[(depth + 1)...].reversed().reduce(edit.value.text) { .object([($1, $0)]) }
                add(name, missing, to: object)
                return
            }
            object = value
        }
        replace(object, with: edit.value.text)
    }

    private mutating func replace(_ node: Int, with value: JSONText) {
        range = tape.range(node)
        let isContainer = tape.kind(node) == .object || tape.kind(node) == .array
        if isContainer, tape.count(node) > 0, !tape.raw(node).contains(UInt8(ascii: "\n")) {
            layout.isMultiline = false
        }
        bytes.append(value, layout, indentation: tape.indentation(at: range.lowerBound))
    }

    private mutating func add(_ name: String, _ value: JSONText, to object: Int) {
        if let last = tape.lastMember(of: object) {
            add(name, value, after: last.key, last.value)
        } else {
            add(name, value, toEmpty: object)
        }
    }

    /// As the last member stands to what is before it.
    private mutating func add(_ name: String, _ value: JSONText, after key: Int, _ last: Int) {
        let colon = Array(tape.source[tape.range(key).upperBound..<tape.start(last)])
        if !colon.contains(where: \.isLineEnd) { layout.colon = colon }
        var spaceStart = tape.start(key)
        while spaceStart > 0, tape.source[spaceStart - 1].isJSONSpace { spaceStart -= 1 }
        let space = Array(tape.source[spaceStart..<tape.start(key)])
        let isFirst = tape.source[spaceStart - 1] == UInt8(ascii: "{")
        range = tape.range(last).upperBound..<tape.range(last).upperBound
        bytes.append(UInt8(ascii: ","))
        var indentation: [UInt8] = []
        if let end = space.lastIndex(where: \.isLineEnd) {
            indentation = Array(space[(end + 1)...])
            bytes += layout.newline + indentation
        } else {
            // More than one member a line, or all of them on one.
            layout.isMultiline = false
            bytes += isFirst && space.isEmpty ? layout.gap : space
        }
        appendMember(name, value, indentation)
    }

    /// What white space stands in the empty object stays, after the member.
    private mutating func add(_ name: String, _ value: JSONText, toEmpty object: Int) {
        let start = tape.start(object) + 1
        range = start..<start
        let space = Array(tape.source[start..<tape.range(object).upperBound - 1])
        guard layout.isMultiline || space.contains(where: \.isLineEnd) else {
            bytes += space
            return appendMember(name, value, [])
        }
        let outer = tape.indentation(at: tape.range(object).upperBound - 1)
        bytes += layout.newline + outer + layout.unit
        appendMember(name, value, outer + layout.unit)
        if !space.contains(where: \.isLineEnd) { bytes += layout.newline + outer }
    }

    private mutating func appendMember(_ name: String, _ value: JSONText, _ indentation: [UInt8]) {
        bytes.appendJSONString(name)
        bytes += layout.colon
        bytes.append(value, layout, indentation: indentation)
    }
}

extension DeclarationEdit.Value {
    fileprivate var text: JSONText {
        switch self {
        case .string(let text): .string(text)
        case .bool(let flag): .bool(flag)
        case .paths(let paths): .paths(paths)
        case .inputs(let roles): .roles(roles)
        case .json(let text): .raw(text)
        }
    }
}

extension JSONLayout {
    /// How a file is formatted, as far as its first member and its first line end tell.
    fileprivate init(of tape: Tape) {
        self.init()
        let source = tape.source
        if let end = source.firstIndex(of: UInt8(ascii: "\n")), end > 0, source[end - 1] == UInt8(ascii: "\r") {
            newline = Array("\r\n".utf8)
        }
        guard let first = tape.members(0).first(where: { _ in true }) else { return }
        let space = source[tape.start(0) + 1..<tape.start(first.key)]
        isMultiline = space.contains(where: \.isLineEnd)
        if isMultiline {
            let indentation = tape.indentation(at: tape.start(first.key))
            let outer = tape.indentation(at: tape.start(0))
            unit = Array(indentation.starts(with: outer) ? indentation.dropFirst(outer.count) : indentation[...])
        }
        let between = Array(source[tape.range(first.key).upperBound..<tape.start(first.value)])
        if !between.contains(where: \.isLineEnd) { colon = between }
    }
}

extension Tape {
    /// The value of the member with this name.
    func value(of name: String, in object: Int) -> Int? {
        members(object).first { text($0.key).elementsEqual(name.utf8) }?.value
    }

    fileprivate func lastMember(of object: Int) -> (key: Int, value: Int)? {
        members(object).reduce(nil) { $1 }
    }

    /// The white space at the start of the line where this place is.
    fileprivate func indentation(at offset: Int) -> [UInt8] {
        let start = source[..<offset].lastIndex(where: \.isLineEnd).map { $0 + 1 } ?? 0
        return source[start..<offset].prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { $0 }
    }
}

extension UInt8 {
    fileprivate var isLineEnd: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }

    fileprivate var isJSONSpace: Bool { isLineEnd || self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
