import CJSON

/// What a member must be at least; nil, with a diagnostic, where it is not.
extension DeclarationReader {
    mutating func present(_ node: Int?, _ name: String, in object: Int) -> Int? {
        if node == nil { schema(object, "the member \(name) is missing", "Add the member \(name).") }
        return node
    }

    mutating func object(_ node: Int?, _ name: String, in object: Int) -> Int? {
        guard let node = present(node, name, in: object) else { return nil }
        if tape.kind(node) == .object { return node }
        mismatch(node, name, "an object")
        return nil
    }

    mutating func string(_ node: Int?, _ name: String, in object: Int) -> Int? {
        guard let node = present(node, name, in: object) else { return nil }
        if tape.kind(node) == .string { return node }
        mismatch(node, name, "a string")
        return nil
    }

    mutating func nonEmptyString(_ node: Int?, _ name: String, in object: Int) -> String? {
        guard let node = string(node, name, in: object) else { return nil }
        if !tape.text(node).isEmpty { return tape.string(node) }
        schema(node, "\(name) is empty", "Write a text that is not empty.")
        return nil
    }

    mutating func mismatch(_ node: Int, _ name: String, _ expected: String) {
        schema(
            node,
            "\(name) must be \(expected), but \(tape.kind(node).name) stands here",
            "Write \(name) as \(expected)."
        )
    }
}
