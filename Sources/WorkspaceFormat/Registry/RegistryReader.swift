import CJSON
import PackerModel

/// One strict reading of one registry segment.
struct RegistryReader {
    private let tape: Tape
    private let ids: ClosedRange<UInt64>
    private var list: DiagnosticList

    init(tape: Tape, index: Int, path: String) {
        self.tape = tape
        let first = UInt64(index) * UInt64(RegistrySegment.idsPerSegment)
        ids = max(1, first)...(first + UInt64(RegistrySegment.idsPerSegment) - 1)
        list = DiagnosticList(path: path, source: tape.source)
    }

    mutating func read(_ problem: JSONProblem?) -> RegistryReading {
        let segment = segment(problem)
        return RegistryReading(segment: list.hasErrors ? nil : segment, diagnostics: list.diagnostics)
    }

    private mutating func segment(_ problem: JSONProblem?) -> RegistrySegment? {
        if let problem {
            add(problem)
            return nil
        }
        guard tape.kind(0) == .object else {
            schema(0, "a registry segment is an object, but \(tape.kind(0).name) stands here")
            return nil
        }
        if let newer = newerSchema() {
            list.add(
                .registryNewerSchema,
                at: tape.start(newer),
                "the registry has schema version \(tape.shown(newer)); this version"
                    + " reads \(RegistrySegment.schemaVersion)",
                remedy: "Open the project with a newer version of the packer."
            )
            return nil
        }
        for duplicate in tape.duplicateKeys(atMost: DiagnosticList.limit) { add(duplicate) }
        guard let members = members(of: 0, ["schema_version", "next_asset_id", "assets"]) else { return nil }
        if tape.integer(members[0]) != UInt64(RegistrySegment.schemaVersion) {
            schema(members[0], "schema_version must be the integer \(RegistrySegment.schemaVersion)")
        }
        let next = integer(members[1], "next_asset_id", in: 1...UInt64(AssetID.largest) + 1)
        guard tape.kind(members[2]) == .array else {
            schema(members[2], "assets must be an array, but \(tape.kind(members[2]).name) stands here")
            return nil
        }
        guard let next else { return nil }
        var entries: [RegistryEntry] = []
        entries.reserveCapacity(tape.count(members[2]))
        for element in tape.elements(members[2]) {
            if let entry = entry(element, next: next) { entries.append(entry) }
        }
        return RegistrySegment(nextAssetID: UInt32(next), entries: entries)
    }

    private func newerSchema() -> Int? {
        for (key, value) in tape.members(0) where tape.text(key, is: "schema_version") {
            return tape.isAbove(RegistrySegment.schemaVersion, value) ? value : nil
        }
        return nil
    }

    private mutating func entry(_ node: Int, next: UInt64) -> RegistryEntry? {
        guard tape.kind(node) == .object else {
            schema(node, "an entry must be an object, but \(tape.kind(node).name) stands here")
            return nil
        }
        guard let members = members(of: node, ["asset_id", "asset_uuid", "root", "included_in_build"]) else {
            return nil
        }
        let id = id(members[0], next: next)
        let uuid = uuid(members[1])
        let root = root(members[2])
        let isIncluded = bool(members[3])
        guard let id, let uuid, let root, let isIncluded else { return nil }
        return RegistryEntry(id: id, uuid: uuid, root: root, isIncludedInBuild: isIncluded)
    }

    private mutating func id(_ node: Int, next: UInt64) -> AssetID? {
        guard let number = integer(node, "asset_id", in: ids) else { return nil }
        guard number < next else {
            schema(node, "asset_id \(number) is not below next_asset_id, which is \(next)")
            return nil
        }
        return AssetID(rawValue: UInt32(number))
    }

    private mutating func uuid(_ node: Int) -> AssetUUID? {
        guard let text = string(node, "asset_uuid") else { return nil }
        if let uuid = AssetUUID(utf8: text) { return uuid }
        schema(node, "asset_uuid is not a UUID of lower-case hexadecimal digits in the form 8-4-4-4-12")
        return nil
    }

    private mutating func root(_ node: Int) -> AssetRoot? {
        guard let text = string(node, "root") else { return nil }
        guard let problem = RelativePath.problem(in: text) else { return AssetRoot(onDisk: tape.string(node)) }
        schema(node, "the root \"\(tape.shown(node))\" \(problem)")
        return nil
    }

    private mutating func bool(_ node: Int) -> Bool? {
        switch tape.kind(node) {
        case .true: return true
        case .false: return false
        default:
            schema(node, "included_in_build must be true or false, but \(tape.kind(node).name) stands here")
            return nil
        }
    }

    private mutating func string(_ node: Int, _ name: String) -> UnsafeBufferPointer<UInt8>? {
        if tape.kind(node) == .string { return tape.text(node) }
        schema(node, "\(name) must be a string, but \(tape.kind(node).name) stands here")
        return nil
    }

    private mutating func integer(_ node: Int, _ name: String, in range: ClosedRange<UInt64>) -> UInt64? {
        if let number = tape.integer(node), range.contains(number) { return number }
        schema(node, "\(name) must be an integer from \(range.lowerBound) to \(range.upperBound) in this segment")
        return nil
    }

    /// The values of these members; nil when one is missing. Another member than these is an error.
    private mutating func members(of object: Int, _ names: [StaticString]) -> [Int]? {
        var values = [Int](repeating: 0, count: names.count)
        for (key, value) in tape.members(object) {
            if let index = names.firstIndex(where: { tape.text(key, is: $0) }) {
                values[index] = value
            } else {
                schema(key, "the registry has no member \"\(tape.shown(key))\"")
            }
        }
        for (name, value) in zip(names, values) where value == 0 {
            schema(object, "the member \(name) is missing")
        }
        return values.contains(0) ? nil : values
    }

    private mutating func schema(_ node: Int, _ message: String) {
        list.add(.registrySchema, at: tape.start(node), message, remedy: Self.remedy)
    }

    private mutating func add(_ problem: JSONProblem) {
        let code: DiagnosticCode = problem.kind == .noMemory ? .registryUnreadable : .registrySyntax
        list.add(code, at: problem.offset, problem.message, remedy: problem.remedy + " " + Self.remedy)
    }

    private static let remedy = "Restore the file from version control, or correct this place; then refresh."
}
