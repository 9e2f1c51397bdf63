/// What one asset's own files said, in one piece of memory, from which the values are made that somebody asks for.
///
/// There is one for each asset, and of most of them most is never asked for: kept as values it would take three times
/// the bytes and a dozen allocations. What a list and the details show stands in front, the output's metadata at the
/// end. A record is never changed: generations share it.
package struct AssetRecord: @unchecked Sendable {
    // Unchecked: the memory is written before `init` returns, and never again.
    private let storage: ManagedBuffer<Header, UInt8>

    private final class Storage: ManagedBuffer<Header, UInt8> {}

    private struct Header {
        /// What was wrong with the declaration: nothing, for most.
        var diagnostics: [Diagnostic]
        var layout: Layout
    }

    private struct Layout {
        var base: FileBase
        var inputCount: UInt32
        /// Where the declaration's file stands; the inputs stand at 0.
        var fileStart: UInt32
        /// Where the declaration's texts stand.
        var textStart: UInt32
        var contents: Contents
    }

    private struct Contents: OptionSet {
        let rawValue: UInt8
        static let declaration = Contents(rawValue: 1)
        static let preload = Contents(rawValue: 2)
        static let uuid = Contents(rawValue: 4)
        /// The declaration has another uuid than was read by itself.
        static let declaredUUID = Contents(rawValue: 8)
        /// The inputs are those that the declaration names: it takes their paths, and they its roles.
        static let declaredInputs = Contents(rawValue: 16)
        /// There is a file of the declaration, whatever it holds.
        static let file = Contents(rawValue: 32)
    }

    /// - Parameters:
    ///   - fingerprint: of the declaration's file; nil where there is none.
    ///   - uuid: what the declaration says, where it could be read even though the rest could not.
    ///   - diagnostics: what is wrong with the declaration by itself.
    init(
        folderInode: UInt64 = 0, fingerprint: Fingerprint? = nil, declaration: Declaration? = nil,
        uuid: AssetUUID? = nil, uuidPosition: SourcePosition? = nil, inputs: [Asset.InputFile] = [],
        diagnostics: [Diagnostic] = []
    ) {
        let base = FileBase(inode: folderInode, time: UInt64(bitPattern: fingerprint?.modified ?? 0))
        let roles = declaration?.inputs ?? []
        let output = declaration?.output
        var contents: Contents = []
        if Self.isNaming(roles, inputs) { contents.insert(.declaredInputs) }
        if let declaration {
            contents.insert(.declaration)
            if declaration.preloadEnabled { contents.insert(.preload) }
            if declaration.uuid != uuid { contents.insert(.declaredUUID) }
        }
        if uuid != nil { contents.insert(.uuid) }
        if fingerprint != nil { contents.insert(.file) }

        var writer = PackedWriter(capacity: 256 + (output?.metadata.utf8.count ?? 0))
        for input in inputs {
            writer.text(input.path)
            writer.file(input.fingerprint, input.position, near: base)
            if !contents.contains(.declaredInputs) { writer.text(input.role) }
        }
        let fileStart = writer.bytes.count
        writer.file(fingerprint, uuidPosition, near: base)
        if let uuid { writer.uuid(uuid) }
        let textStart = writer.bytes.count
        if let declaration, let output {
            writer.text(declaration.name)
            writer.text(declaration.type.rawValue)
            writer.text(output.format)
            writer.text(output.codec)
            if contents.contains(.declaredUUID) { writer.uuid(declaration.uuid) }
            writer.number(UInt64(roles.count))
            for role in roles {
                writer.text(role.role)
                writer.number(UInt64(role.paths.count))
                if !contents.contains(.declaredInputs) { for path in role.paths { writer.text(path) } }
            }
            writer.text(output.metadata)
        }
        let bytes = writer.bytes
        let layout = Layout(
            base: base, inputCount: UInt32(inputs.count), fileStart: UInt32(fileStart), textStart: UInt32(textStart),
            contents: contents)
        storage = Storage.create(minimumCapacity: bytes.count) { _ in Header(diagnostics: diagnostics, layout: layout) }
        storage.withUnsafeMutablePointerToElements { memory in
            bytes.withUnsafeBufferPointer { memory.initialize(from: $0.baseAddress!, count: $0.count) }
        }
    }

    func with(diagnostics: [Diagnostic]) -> AssetRecord {
        AssetRecord(
            folderInode: folderInode, fingerprint: fingerprint, declaration: declaration, uuid: uuid,
            uuidPosition: uuidPosition, inputs: inputs, diagnostics: diagnostics)
    }

    private static func isNaming(_ roles: [Declaration.InputRole], _ inputs: [Asset.InputFile]) -> Bool {
        var rest = inputs[...]
        for role in roles {
            for path in role.paths {
                guard let input = rest.popFirst(), equalBytes(input.role, role.role), equalBytes(input.path, path)
                else {
                    return false
                }
            }
        }
        return rest.isEmpty
    }

    @inline(__always)
    private func read<Result>(_ body: (Layout, UnsafePointer<UInt8>) -> Result) -> Result {
        storage.withUnsafeMutablePointers { body($0.pointee.layout, UnsafePointer($1)) }
    }

    // MARK: The files

    var folderInode: UInt64 { storage.header.layout.base.inode }
    var diagnostics: [Diagnostic] { storage.header.diagnostics }
    var inputCount: Int { Int(storage.header.layout.inputCount) }

    var hasFile: Bool { storage.header.layout.contents.contains(.file) }
    /// Of the declaration's file.
    var fingerprint: Fingerprint? { file.fingerprint }
    var uuidPosition: SourcePosition? { file.uuidPosition }

    private var file: (fingerprint: Fingerprint?, uuidPosition: SourcePosition?) {
        read { layout, bytes in
            var reader = PackedReader(bytes + Int(layout.fileStart))
            // What it is near to is its own time.
            return reader.file(near: layout.base)
        }
    }

    var uuid: AssetUUID? {
        read { layout, bytes in
            guard layout.contents.contains(.uuid) else { return nil }
            var reader = PackedReader(bytes + Int(layout.textStart) - 16)
            return reader.uuid()
        }
    }

    var inputs: [Asset.InputFile] {
        read { layout, bytes in
            if layout.inputCount == 0 { return [] }
            var inputs: [Asset.InputFile] = []
            inputs.reserveCapacity(Int(layout.inputCount))
            var reader = PackedReader(bytes)
            var roles = Roles(layout, bytes)
            for _ in 0..<layout.inputCount {
                let path = reader.text()
                let (fingerprint, position) = reader.file(near: layout.base)
                inputs.append(
                    Asset.InputFile(
                        role: layout.contents.contains(.declaredInputs) ? roles.next() : reader.text(), path: path,
                        fingerprint: fingerprint, position: position))
            }
            return inputs
        }
    }

    /// Calls `body` with the path of each input and what stood there.
    func forEachInput(_ body: (String, Fingerprint?) -> Void) {
        read { layout, bytes in
            var reader = PackedReader(bytes)
            for _ in 0..<layout.inputCount {
                let path = reader.text()
                let (fingerprint, _) = reader.file(near: layout.base)
                if !layout.contents.contains(.declaredInputs) { reader.skipText() }
                body(path, fingerprint)
            }
        }
    }

    // MARK: The declaration

    /// Nil where it could not be read. What it says is made when it is asked for.
    var declaration: Declaration? {
        storage.header.layout.contents.contains(.declaration) ? Declaration(self) : nil
    }

    /// Texts of a declaration that could be read, in the order in which they stand.
    enum Text: Int {
        case name, type, format, codec
    }

    func text(_ text: Text) -> String {
        read { layout, bytes in
            var reader = PackedReader(bytes + Int(layout.textStart))
            for _ in 0..<text.rawValue { reader.skipText() }
            return reader.text()
        }
    }

    var isPreloading: Bool { storage.header.layout.contents.contains(.preload) }

    /// Of a declaration that could be read.
    var declaredUUID: AssetUUID {
        read { layout, bytes in
            if !layout.contents.contains(.declaredUUID) {
                var reader = PackedReader(bytes + Int(layout.textStart) - 16)
                return reader.uuid()
            }
            var reader = PackedReader(bytes + Int(layout.textStart))
            for _ in 0..<4 { reader.skipText() }
            return reader.uuid()
        }
    }

    /// Of a declaration that could be read.
    var roles: [Declaration.InputRole] {
        read { layout, bytes in
            var roles: [Declaration.InputRole] = []
            var reader = Self.rolesReader(layout, bytes)
            var paths = PackedReader(bytes)
            for _ in 0..<reader.number() {
                let role = reader.text()
                let count = Int(reader.number())
                var named: [String] = []
                named.reserveCapacity(count)
                for _ in 0..<count {
                    if layout.contents.contains(.declaredInputs) {
                        named.append(paths.text())
                        _ = paths.file(near: layout.base)
                    } else {
                        named.append(reader.text())
                    }
                }
                roles.append(Declaration.InputRole(role: role, paths: named))
            }
            return roles
        }
    }

    /// Of a declaration that could be read.
    var metadata: String {
        read { layout, bytes in
            var reader = Self.rolesReader(layout, bytes)
            for _ in 0..<reader.number() {
                reader.skipText()
                let count = reader.number()
                if !layout.contents.contains(.declaredInputs) { for _ in 0..<count { reader.skipText() } }
            }
            return reader.text()
        }
    }

    private static func rolesReader(_ layout: Layout, _ bytes: UnsafePointer<UInt8>) -> PackedReader {
        var reader = PackedReader(bytes + Int(layout.textStart))
        for _ in 0..<4 { reader.skipText() }
        if layout.contents.contains(.declaredUUID) { _ = reader.uuid() }
        return reader
    }

    /// The role of one declared input after the other.
    private struct Roles {
        private var reader: PackedReader
        private var role = ""
        private var left: UInt64 = 0

        init(_ layout: Layout, _ bytes: UnsafePointer<UInt8>) {
            guard layout.contents.contains([.declaredInputs, .declaration]) else {
                reader = PackedReader(bytes)
                return
            }
            reader = AssetRecord.rolesReader(layout, bytes)
            _ = reader.number()
        }

        mutating func next() -> String {
            while left == 0 {
                role = reader.text()
                left = reader.number()
            }
            left -= 1
            return role
        }
    }
}

extension PackedWriter {
    fileprivate mutating func uuid(_ uuid: AssetUUID) {
        whole(uuid.high)
        whole(uuid.low)
    }
}

extension PackedReader {
    fileprivate mutating func uuid() -> AssetUUID { AssetUUID(high: whole(), low: whole()) }
}
