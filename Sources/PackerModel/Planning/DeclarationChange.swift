/// One value of a declaration that shall be another. The file keeps everything else as it is, to the byte.
public enum DeclarationChange: Sendable, Equatable {
    case name(String)
    case type(AssetType)
    /// All roles, in this order.
    case inputs([Declaration.InputRole])
    /// The paths of one role, which is added at the end where it is new.
    case inputPaths(role: String, [String])
    case outputFormat(String)
    case outputCodec(String)
    /// The JSON text of one object, written as it is.
    case outputMetadata(String)
    case preloadEnabled(Bool)

    func apply(to declaration: inout Declaration) {
        switch self {
        case .name(let name): declaration.name = name
        case .type(let type): declaration.type = type
        case .inputs(let inputs): declaration.inputs = inputs
        case .inputPaths(let role, let paths):
            let new = Declaration.InputRole(role: role, paths: paths)
            if let index = declaration.inputs.firstIndex(where: { $0.role.utf8.elementsEqual(role.utf8) }) {
                declaration.inputs[index] = new
            } else {
                declaration.inputs.append(new)
            }
        case .outputFormat(let format): declaration.output.format = format
        case .outputCodec(let codec): declaration.output.codec = codec
        case .outputMetadata(let metadata): declaration.output.metadata = metadata
        case .preloadEnabled(let isEnabled): declaration.preloadEnabled = isEnabled
        }
    }
}

extension Declaration {
    /// What would make it one that its own reader finds broken; its metadata is for the reader itself to judge.
    var firstProblem: (message: String, remedy: String)? {
        if name.isEmpty { return ("an asset's name must not be empty", "Give it a name for people to read.") }
        if type.rawValue.isEmpty { return ("an asset's type must not be empty", "Use one of the known types.") }
        let format = output.format.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if format.count != 2 || format.contains(where: \.isEmpty) {
            return (
                "the output format \"\(output.format.escaped)\" is not a family and a name", "Write TILES/indexed_v1."
            )
        }
        if output.codec.isEmpty { return ("the output codec must not be empty", "Write NONE where there is none.") }
        var roles = Set<[UInt8]>()
        for role in inputs {
            if role.role.isEmpty { return ("an input role has no name", "Give the role a name.") }
            if !roles.insert(Array(role.role.utf8)).inserted {
                return ("the input role \"\(role.role.escaped)\" stands twice", "Give all its paths in one place.")
            }
            for path in role.paths where !Declaration.isInputPath(path) || path.isDeclarationName {
                return (
                    "the input \"\(path.escaped)\" is not a path of a file inside the asset",
                    "Give inputs as paths relative to the asset's root, without . or .. or the declaration in them."
                )
            }
        }
        let texts = [name, type.rawValue, output.format, output.codec] + inputs.map(\.role)
        if texts.contains(where: { $0.utf8.contains(0) }) {
            return ("a text of the declaration holds a NUL", "Remove the NUL.")
        }
        return nil
    }

    /// A path that stays inside the asset: relative, with no empty, `.` or `..` component and no NUL.
    package static func isInputPath(_ path: String) -> Bool {
        // Split at bytes: a "/" before a combining mark is no Character "/", but a separator all the same.
        var length = 0
        var isDots = true
        for byte in path.utf8 {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                if isDots && length < 3 { return false }
                length = 0
                isDots = true
            default:
                length += 1
                isDots = isDots && byte == UInt8(ascii: ".")
            }
        }
        return !(isDots && length < 3)
    }
}

extension String {
    fileprivate var isDeclarationName: Bool { utf8.elementsEqual(Declaration.fileName.utf8) }
}
