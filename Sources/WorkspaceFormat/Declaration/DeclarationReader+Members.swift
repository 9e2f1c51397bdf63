import CJSON
import PackerModel

extension DeclarationReader {
    mutating func type(_ node: Int?) -> AssetType? {
        guard let name = nonEmptyString(node, "type", in: 0), let node else { return nil }
        let type = AssetType(rawValue: name)
        if !type.isKnown {
            list.add(
                .declarationUnknownType,
                severity: .warning,
                at: tape.start(node),
                "the type \"\(tape.shown(node))\" is not known",
                remedy: "Use one of \(AssetType.known.map(\.rawValue).joined(separator: ", ")), or a newer packer."
            )
        }
        return type
    }

    mutating func inputs(_ node: Int?) -> [Declaration.InputRole]? {
        guard let node = object(node, "inputs", in: 0) else { return nil }
        var roles: [Declaration.InputRole] = []
        roles.reserveCapacity(tape.count(node))
        // Goes along: looked for from the start, the places of very many inputs would take minutes.
        var place = SourcePlace()
        var offset = 0
        for (key, value) in tape.members(node) {
            if tape.text(key).isEmpty { schema(key, "an input role has no name", "Give the role a name.") }
            guard tape.kind(value) == .array else {
                schema(
                    value,
                    "the input role \"\(tape.shown(key))\" must be an array of paths, but"
                        + " \(tape.kind(value).name) stands here",
                    "Write the paths as [\"file\"], one path too."
                )
                continue
            }
            var paths: [String] = []
            paths.reserveCapacity(tape.count(value))
            for element in tape.elements(value) {
                guard let path = inputPath(element) else { continue }
                paths.append(path)
                place.advance(from: offset, to: tape.start(element), in: tape.source)
                offset = tape.start(element)
                inputPositions.append(SourcePosition(place))
            }
            roles.append(Declaration.InputRole(role: tape.string(key), paths: paths))
        }
        return roles
    }

    private mutating func inputPath(_ node: Int) -> String? {
        guard tape.kind(node) == .string else {
            schema(
                node,
                "an input path must be a string, but \(tape.kind(node).name) stands here",
                "Write the path as a string."
            )
            return nil
        }
        let path = tape.string(node)
        guard let problem = RelativePath.problem(in: tape.text(node)) else { return path }
        list.add(
            .declarationInputPath,
            at: tape.start(node),
            "the input path \"\(tape.shown(node))\" \(problem)",
            remedy: "Give the path of a file inside the asset's folder, like sprites/hero.png."
        )
        return nil
    }

    mutating func output(_ node: Int?) -> Declaration.Output? {
        guard let node = object(node, "output", in: 0) else { return nil }
        var format: Int?
        var codec: Int?
        var metadata: Int?
        for (key, value) in tape.members(node) {
            if tape.text(key, is: "format") {
                format = value
            } else if tape.text(key, is: "codec") {
                codec = value
            } else if tape.text(key, is: "metadata") {
                metadata = value
            }
        }
        let formatName = self.format(format, in: node)
        let codecName = nonEmptyString(codec, "output.codec", in: node)
        if let found = metadata, object(found, "output.metadata", in: node) == nil { return nil }
        guard let formatName, let codecName else { return nil }
        return Declaration.Output(
            format: formatName,
            codec: codecName,
            metadata: metadata.map { String(decoding: tape.raw($0), as: UTF8.self) } ?? "{}"
        )
    }

    private mutating func format(_ node: Int?, in object: Int) -> String? {
        guard let node = string(node, "output.format", in: object) else { return nil }
        let text = tape.text(node)
        let slash = text.firstIndex(of: UInt8(ascii: "/"))
        if let slash, slash > 0, slash < text.count - 1, text.lastIndex(of: UInt8(ascii: "/")) == slash {
            return tape.string(node)
        }
        schema(
            node,
            "output.format must be a family and a name, but \"\(tape.shown(node))\" stands here",
            "Write it like TILES/indexed_v1."
        )
        return nil
    }

    mutating func preload(_ node: Int?) -> Bool? {
        guard let node else { return false }
        guard let node = object(node, "preload", in: 0) else { return nil }
        for (key, value) in tape.members(node) where tape.text(key, is: "enabled") {
            switch tape.kind(value) {
            case .true: return true
            case .false: return false
            default:
                mismatch(value, "preload.enabled", "true or false")
                return nil
            }
        }
        return false
    }
}
