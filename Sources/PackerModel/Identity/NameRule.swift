/// What is wrong with a name, and where.
public struct NameProblem: Error, Sendable, Equatable {
    public var rule: NameRule
    /// The component that breaks the rule, or the whole path.
    public var component: String

    public var message: String { "\"\(component.escaped)\" \(rule.explanation)" }
}

/// The rules for names that the packer makes, chosen so that a project can be checked out anywhere.
///
/// On disk a broken rule is a warning; for create and relocate it is a refusal.
public enum NameRule: String, Sendable, CaseIterable, Codable {
    case empty, absolute, dotComponent, tooManyComponents, componentTooLong, pathTooLong, leadingDot
    case trailingDotOrSpace, controlCharacter, forbiddenCharacter, deviceName, declarationName, notComposed

    public static let maximumComponents = 32
    public static let maximumComponentBytes = 255
    public static let maximumPathBytes = 1024

    public var explanation: String {
        switch self {
        case .empty: "has an empty component: write the path as folder/folder"
        case .absolute: "is absolute: give a path relative to assets/"
        case .dotComponent: "must not contain . or ..: give the path of the folder itself"
        case .tooManyComponents: "has more than \(Self.maximumComponents) components"
        case .componentTooLong: "is longer than \(Self.maximumComponentBytes) bytes"
        case .pathTooLong: "is longer than \(Self.maximumPathBytes) bytes"
        case .leadingDot: "starts with a dot, which hides it and is kept for the packer"
        case .trailingDotOrSpace: "ends with a dot or a space, which Windows removes"
        case .controlCharacter: "contains a control character"
        case .forbiddenCharacter: "contains one of < > : \" \\ | ? *, which Windows refuses"
        case .deviceName: "is the name of a Windows device"
        case .declarationName: "is the name of the declaration's own file"
        case .notComposed: "is not in Unicode form NFC: macOS and git would see another name"
        }
    }

    /// The first rule that a path breaks. O(bytes); Unicode tables are asked for names beyond ASCII only.
    static func firstProblem(in path: String) -> NameProblem? {
        var path = path
        return path.withUTF8 { bytes in
            func problem(_ rule: NameRule, _ part: Range<Int>) -> NameProblem {
                NameProblem(rule: rule, component: String(decoding: bytes[part], as: UTF8.self))
            }
            let whole = 0..<bytes.count
            if bytes.first == UInt8(ascii: "/") { return problem(.absolute, whole) }
            var components = 0
            var start = 0
            // Split at bytes: a "/" before a combining mark is no Character "/", but a separator all the same.
            for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "/") {
                if let rule = firstBroken(by: UnsafeBufferPointer(rebasing: bytes[start..<index])) {
                    return problem(rule, start..<index)
                }
                components += 1
                start = index + 1
            }
            if components > maximumComponents { return problem(.tooManyComponents, whole) }
            if bytes.count > maximumPathBytes { return problem(.pathTooLong, whole) }
            return nil
        }
    }

    private static func firstBroken(by component: UnsafeBufferPointer<UInt8>) -> NameRule? {
        guard let first = component.first, let last = component.last else { return .empty }
        if first == UInt8(ascii: ".") && (component.count == 1 || component.count == 2 && last == first) {
            return .dotComponent
        }
        if component.count > maximumComponentBytes { return .componentTooLong }
        if first == UInt8(ascii: ".") { return .leadingDot }
        if last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { return .trailingDotOrSpace }
        if component.hasControlCharacter { return .controlCharacter }
        var isASCII = true
        for byte in component {
            if byte >= 0x80 { isASCII = false } else if isForbidden(byte) { return .forbiddenCharacter }
        }
        if isDeviceName(component) { return .deviceName }
        if equals(component, "ASSET.JSON") { return .declarationName }
        if !isASCII && !UnicodeForm.isComposed(String(decoding: component, as: UTF8.self)) { return .notComposed }
        return nil
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "\\"),
            UInt8(ascii: "|"), UInt8(ascii: "?"), UInt8(ascii: "*"):
            true
        default: false
        }
    }

    /// CON, PRN, AUX, NUL, COM1–9 and LPT1–9, with any extension ("Naming Files, Paths, and Namespaces", Microsoft),
    /// the superscript digits ¹ ² ³ and spaces before the extension included.
    private static func isDeviceName(_ component: UnsafeBufferPointer<UInt8>) -> Bool {
        var length = component.firstIndex(of: UInt8(ascii: ".")) ?? component.count
        while length > 0 && component[length - 1] == UInt8(ascii: " ") { length -= 1 }
        guard (3...5).contains(length) else { return false }
        let stem = UnsafeBufferPointer(rebasing: component[..<length])
        if length == 3 { return ["CON", "PRN", "AUX", "NUL"].contains { equals(stem, $0) } }
        let name = UnsafeBufferPointer(rebasing: stem[..<3])
        guard equals(name, "COM") || equals(name, "LPT") else { return false }
        if length == 4 { return (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(stem[3]) }
        return stem[3] == 0xc2 && [0xb9, 0xb2, 0xb3].contains(stem[4])
    }

    /// Compares with a name in capitals, ASCII capitals ignored.
    private static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ capitals: StaticString) -> Bool {
        guard bytes.count == capitals.utf8CodeUnitCount else { return false }
        for (index, byte) in bytes.enumerated() {
            let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            if (isSmall ? byte & 0xdf : byte) != capitals.utf8Start[index] { return false }
        }
        return true
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether UTF-8 holds a scalar of the category Cc: U+0000–1F and U+007F–9F.
    fileprivate var hasControlCharacter: Bool {
        var previous: UInt8 = 0
        for byte in self {
            if byte < 0x20 || byte == 0x7f || previous == 0xc2 && byte < 0xa0 { return true }
            previous = byte
        }
        return false
    }
}

extension String {
    /// Control characters as `\u{N}`, so that a name cannot disturb a terminal or a log line.
    package var escaped: String {
        var copy = self
        guard copy.withUTF8({ $0.hasControlCharacter }) else { return self }
        return unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
