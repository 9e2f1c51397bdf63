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
    case trailingDotOrSpace, controlCharacter, forbiddenCharacter, deviceName, notComposed

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
        case .notComposed: "is not in Unicode form NFC: macOS and git would see another name"
        }
    }

    static func firstProblem(in path: String) -> NameProblem? {
        if path.utf8.first == UInt8(ascii: "/") { return NameProblem(rule: .absolute, component: path) }
        let components = path.split(separator: "/" as Character, omittingEmptySubsequences: false).map(String.init)
        for component in components {
            if let rule = firstBroken(by: component) { return NameProblem(rule: rule, component: component) }
        }
        if components.count > maximumComponents { return NameProblem(rule: .tooManyComponents, component: path) }
        if path.utf8.count > maximumPathBytes { return NameProblem(rule: .pathTooLong, component: path) }
        return nil
    }

    private static func firstBroken(by component: String) -> NameRule? {
        let bytes = component.utf8
        guard let first = bytes.first, let last = bytes.last else { return .empty }
        if component == "." || component == ".." { return .dotComponent }
        if bytes.count > maximumComponentBytes { return .componentTooLong }
        if first == UInt8(ascii: ".") { return .leadingDot }
        if last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { return .trailingDotOrSpace }
        if component.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return .controlCharacter
        }
        if bytes.contains(where: { "<>:\"\\|?*".utf8.contains($0) }) { return .forbiddenCharacter }
        if isDeviceName(component) { return .deviceName }
        if !UnicodeForm.isComposed(component) { return .notComposed }
        return nil
    }

    /// CON, PRN, AUX, NUL, COM1–9 and LPT1–9, with any extension ("Naming Files, Paths, and Namespaces", Microsoft).
    private static func isDeviceName(_ component: String) -> Bool {
        let stem = component.prefix { $0 != "." }.uppercased()
        if ["CON", "PRN", "AUX", "NUL"].contains(stem) { return true }
        guard stem.hasPrefix("COM") || stem.hasPrefix("LPT"), stem.count == 4 else { return false }
        return "123456789¹²³".contains(stem.last!)
    }
}

extension String {
    /// Control characters as `\u{N}`, so that a name cannot disturb a terminal or a log line.
    package var escaped: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}
