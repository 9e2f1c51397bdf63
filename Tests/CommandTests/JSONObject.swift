import Foundation
import PackerTestSupport

/// One line of JSON.
struct JSONObject: Sendable, CustomStringConvertible {
    /// Values as JSON text, `null` included; by path, like `coverage.state` and `inputs[].role`.
    private let values: [(path: String, value: String)]
    let description: String
    /// The keys of the object itself.
    let keys: Set<String>

    init(_ line: String) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw UnexpectedOutput(text: line)
        }
        description = line
        keys = Set(object.keys)
        values = object.flatMap { Self.flatten($0.key, $0.value) }
    }

    /// Every path of a key, in nested objects too.
    var paths: Set<String> { Set(values.map(\.path)) }

    /// The value at a path as text: a string as it is, `null`, numbers and booleans as in JSON.
    subscript(path: String) -> String? { values.first { $0.path == path }?.value }

    /// Every value at a path inside arrays.
    func all(_ path: String) -> [String] { values.filter { $0.path == path }.map(\.value) }

    var kind: String { self["kind"] ?? "" }

    private static func flatten(_ path: String, _ value: Any) -> [(path: String, value: String)] {
        switch value {
        case let object as [String: Any]:
            [(path, "{}")] + object.flatMap { flatten("\(path).\($0.key)", $0.value) }
        case let array as [Any]:
            [(path, "[]")]
                + array.flatMap { ($0 as? [String: Any]).map { flatten("\(path)[]", $0).dropFirst() } ?? [] }
        case is NSNull: [(path, "null")]
        case let text as String: [(path, text)]
        default:
            [(path, (try? String(decoding: JSONSerialization.data(withJSONObject: [value]), as: UTF8.self)) ?? "?")]
                .map { ($0.0, String($0.1.dropFirst().dropLast())) }
        }
    }
}

/// The keys of each kind as docs/packer/specs/command.md lists them.
enum DocumentedKeys {
    static func read() throws -> [String: Set<String>] {
        let text = try String(contentsOfFile: Fixtures.package + "/docs/packer/specs/command.md", encoding: .utf8)
        var keys: [String: Set<String>] = [:]
        var kind = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { kind = line.hasPrefix("### `") ? String(line.dropFirst(5).dropLast()) : "" }
            if !kind.isEmpty, line.hasPrefix("| `"), let key = line.split(separator: "`").dropFirst().first {
                keys[kind, default: []].insert(String(key))
            }
        }
        return keys
    }

    /// What an object has and the documentation does not, or the other way round.
    static func disagreements(_ object: JSONObject) throws -> [String] {
        guard let documented = try read()[object.kind] else { return ["no such kind: \(object)"] }
        let missing = documented.filter { !$0.contains(".") && !$0.contains("[") }.subtracting(object.keys)
        return object.paths.subtracting(documented).map { "not documented: \(object.kind) \($0)" }
            + missing.map { "not written: \(object.kind) \($0)" }
    }
}
