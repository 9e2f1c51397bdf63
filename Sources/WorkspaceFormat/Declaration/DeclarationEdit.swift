package import PackerModel

/// One change of a declaration's file: the member at this path shall have this value.
package struct DeclarationEdit: Equatable, Sendable {
    /// The names from the top, like `["output", "codec"]`.
    package var path: [String]
    package var value: Value

    package enum Value: Equatable, Sendable {
        case string(String)
        case bool(Bool)
        case paths([String])
        case inputs([Declaration.InputRole])
        /// JSON text, written as it is.
        case json(String)
    }

    package init(_ path: [String], _ value: Value) {
        self.path = path
        self.value = value
    }

    /// The fewest values to set so that a file that says `old` says `new`.
    package static func changes(from old: Declaration, to new: Declaration) -> [DeclarationEdit] {
        var edits: [DeclarationEdit] = []
        func compare<Member: Equatable>(
            _ member: KeyPath<Declaration, Member>,
            _ path: String...,
            value: (Member) -> Value
        ) {
            guard old[keyPath: member] != new[keyPath: member] else { return }
            edits.append(DeclarationEdit(path, value(new[keyPath: member])))
        }
        // String's own == takes canonical equivalents for equal; the file's bytes do not.
        func compareText(_ member: KeyPath<Declaration, String>, _ path: String..., value: (String) -> Value) {
            guard !old[keyPath: member].utf8.elementsEqual(new[keyPath: member].utf8) else { return }
            edits.append(DeclarationEdit(path, value(new[keyPath: member])))
        }
        compare(\.uuid, "asset_uuid") { .string($0.description) }
        compareText(\.name, "name") { .string($0) }
        compareText(\.type.rawValue, "type") { .string($0) }
        if old.inputs.elementsEqual(new.inputs, by: { $0.role.utf8.elementsEqual($1.role.utf8) }) {
            for (old, new) in zip(old.inputs, new.inputs) where old != new {
                edits.append(DeclarationEdit(["inputs", new.role], .paths(new.paths)))
            }
        } else {
            edits.append(DeclarationEdit(["inputs"], .inputs(new.inputs)))
        }
        compareText(\.output.format, "output", "format") { .string($0) }
        compareText(\.output.codec, "output", "codec") { .string($0) }
        compareText(\.output.metadata, "output", "metadata") { .json($0) }
        compare(\.preloadEnabled, "preload", "enabled") { .bool($0) }
        return edits
    }
}

/// Why a declaration's file was not edited; its bytes are as they were.
package enum DeclarationEditError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is not JSON, or is ambiguous: a key stands twice. The place is nil where the whole file is meant.
    case invalidFile(message: String, place: SourcePlace?)
    case newerSchema(String)
    /// The path leads through something that is not an object: the names up to it.
    case notAnObject(path: [String])
    case emptyPath
    /// The JSON text that was given for this path is not one JSON value.
    case invalidValue(path: [String], message: String)
    /// The edited file would be too large, nested too deep, or have a key twice.
    case resultRefused(message: String)

    package var description: String {
        switch self {
        case .invalidFile(let message, let place):
            "the file cannot be edited: \(message)" + (place.map { " (\($0))" } ?? "") + ". Correct the file first."
        case .newerSchema(let version):
            "the file has schema version \(version), which this version does not edit. Use a newer packer."
        case .notAnObject(let path):
            "\(path.isEmpty ? "the document" : path.joined(separator: ".")) is not an object. Correct the file first."
        case .emptyPath: "an edit names no member. Name at least one."
        case .invalidValue(let path, let message):
            "the value for \(path.joined(separator: ".")) is not JSON: \(message). Give one JSON value."
        case .resultRefused(let message): "the edited file would be refused: \(message). Set another value."
        }
    }
}
