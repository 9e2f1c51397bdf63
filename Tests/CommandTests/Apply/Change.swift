import Foundation

/// A mutation as the tests write it, in JSON of their own making.
enum Change {
    enum Reference {
        case root(String)
        case id(Int)

        var json: Any {
            switch self {
            case .root(let root): "root:" + root
            case .id(let id): id
            }
        }
    }

    enum Edit {
        case name(String)
        case codec(String)
        case preloads(Bool)
        case input(String)
        /// A value that its reader would not understand.
        case brokenMetadata

        var isUnwritable: Bool { if case .brokenMetadata = self { true } else { false } }

        func apply(to entry: inout WorkspaceModel.Entry) throws(WorkspaceModel.Refusal) {
            switch self {
            case .name(let name): entry.name = name
            case .codec(let codec): entry.codec = codec
            case .preloads(let preloads): entry.preloads = preloads
            case .input(let input): entry.input = input
            case .brokenMetadata: break
            }
            if entry.name.isEmpty { throw WorkspaceModel.Refusal("declaration.invalid") }
        }

        var json: [String: Any] {
            switch self {
            case .name(let name): ["name": name]
            case .codec(let codec): ["output.codec": codec]
            case .preloads(let preloads): ["preload.enabled": preloads]
            case .input(let input): ["inputs.source": [input]]
            case .brokenMetadata: ["output.metadata": "{\"a\":"]
            }
        }
    }

    case create(root: String, name: String, input: String?, isIncluded: Bool)
    case register(Reference, isIncluded: Bool)
    case include(Reference, Bool)
    case update(Reference, Edit)
    case relocate(Reference, to: String)
    case unregister(Reference)
    case delete(Reference)
    case restore(Reference, to: String?)
    case emptyTrash
    case reidentify(Reference)

    var verb: String {
        switch self {
        case .create: "create"
        case .register: "register"
        case .include(_, let isIncluded): isIncluded ? "include" : "exclude"
        case .update: "update"
        case .relocate: "relocate"
        case .unregister: "unregister"
        case .delete: "delete"
        case .restore: "restore"
        case .emptyTrash: "emptyTrash"
        case .reidentify: "reidentify"
        }
    }

    var json: [String: Any] {
        var json: [String: Any] = ["do": verb]
        switch self {
        case .create(let root, let name, let input, let isIncluded):
            json["root"] = root
            json["type"] = "data"
            json["name"] = name
            json["included"] = isIncluded
            if let input { json["inputs"] = [["role": "source", "paths": [input]]] }
        case .register(let reference, let isIncluded):
            json["asset"] = reference.json
            json["included"] = isIncluded
        case .include(let reference, _), .unregister(let reference), .delete(let reference),
            .reidentify(let reference):
            json["asset"] = reference.json
        case .update(let reference, let edit):
            json["asset"] = reference.json
            json["set"] = edit.json
        case .relocate(let reference, let target):
            json["asset"] = reference.json
            json["to"] = target
        case .restore(let reference, let target):
            json["asset"] = reference.json
            if let target { json["to"] = target }
        case .emptyTrash: break
        }
        return json
    }

    static func line(_ changes: [Change]) -> [UInt8] {
        let value: Any = changes.count == 1 ? changes[0].json : changes.map(\.json)
        // Only values that JSON knows stand in there.
        return (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])).map(Array.init) ?? []
    }
}
