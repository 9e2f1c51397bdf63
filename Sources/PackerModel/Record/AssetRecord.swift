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
        /// Where it costs no memory of its own: then a String takes no more than its bytes would, and is there at once.
        /// Else "", and it stands among the texts.
        var name: String
        var format: String
        var layout: Layout
        /// What was wrong with the declaration: nothing, for most.
        var diagnostics: [Diagnostic]
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
        let name = declaration?.name.withoutMemory
        let format = output?.format.withoutMemory
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
            if contents.contains(.declaredUUID) { writer.uuid(declaration.uuid) }
            writer.number(UInt64(roles.count))
            for role in roles {
                writer.text(role.role)
                writer.number(UInt64(role.paths.count))
                if !contents.contains(.declaredInputs) { for path in role.paths { writer.text(path) } }
            }
            writer.text(name == nil ? declaration.name : "")
            writer.text(format == nil ? output.format : "")
            writer.text(declaration.type.rawValue)
            writer.text(output.codec)
            writer.text(output.metadata)
        }
        let bytes = writer.bytes
        let layout = Layout(
            base: base, inputCount: UInt32(inputs.count), fileStart: UInt32(fileStart), textStart: UInt32(textStart),
            contents: contents)
        let header = Header(name: name ?? "", format: format ?? "", layout: layout, diagnostics: diagnostics)
        storage = Storage.create(minimumCapacity: bytes.count) { _ in header }
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

    @inline(__always)
    private var header: Header { storage.withUnsafeMutablePointerToHeader { $0.pointee } }

    @inline(__always)
    private var layout: Layout { storage.withUnsafeMutablePointerToHeader { $0.pointee.layout } }

    // MARK: The files

    var folderInode: UInt64 { layout.base.inode }
    var diagnostics: [Diagnostic] { header.diagnostics }
    var inputCount: Int { Int(layout.inputCount) }

    var hasFile: Bool { layout.contents.contains(.file) }
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
            var inputs: [Asset.InputFile] = []
            inputs.reserveCapacity(Int(layout.inputCount))
            var reader = PackedReader(bytes)
            var roles = Roles(layout, bytes)
            for _ in 0..<layout.inputCount {
                let path = reader.text()
                let (fingerprint, position) = reader.file(near: layout.base)
                let role = layout.contents.contains(.declaredInputs) ? roles.next() : reader.text()
                inputs.append(Asset.InputFile(role: role, path: path, fingerprint: fingerprint, position: position))
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

    var hasDeclaration: Bool { layout.contents.contains(.declaration) }

    /// Nil where it could not be read. What it says is made when it is asked for.
    var declaration: Declaration? { hasDeclaration ? Declaration(self) : nil }

    /// Of a declaration that could be read.
    var name: String {
        let short = header.name
        return short.isEmpty ? text(.name) : short
    }

    /// Of a declaration that could be read.
    var format: String {
        let short = header.format
        return short.isEmpty ? text(.format) : short
    }

    /// Of a declaration that could be read.
    var type: String { text(.type) }
    var codec: String { text(.codec) }
    var metadata: String { text(.metadata) }

    /// The declaration's texts behind its roles, in the order in which they stand.
    private enum Text: Int {
        case name, format, type, codec, metadata
    }

    private func text(_ text: Text) -> String {
        read { layout, bytes in
            var reader = Self.rolesReader(layout, bytes)
            for _ in 0..<reader.number() {
                reader.skipText()
                let count = reader.number()
                if !layout.contents.contains(.declaredInputs) { for _ in 0..<count { reader.skipText() } }
            }
            for _ in 0..<text.rawValue { reader.skipText() }
            return reader.text()
        }
    }

    var isPreloading: Bool { layout.contents.contains(.preload) }

    /// Of a declaration that could be read.
    var declaredUUID: AssetUUID {
        read { layout, bytes in
            if !layout.contents.contains(.declaredUUID) {
                var reader = PackedReader(bytes + Int(layout.textStart) - 16)
                return reader.uuid()
            }
            var reader = PackedReader(bytes + Int(layout.textStart))
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

    private static func rolesReader(_ layout: Layout, _ bytes: UnsafePointer<UInt8>) -> PackedReader {
        var reader = PackedReader(bytes + Int(layout.textStart))
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

extension String {
    /// The same bytes in a String that has no memory of its own: one of at most 15 bytes has them in itself, and the
    /// usual formats are part of the program. Nil for any other.
    fileprivate var withoutMemory: String? {
        if utf8.count <= 15 { return String(decoding: Array(utf8), as: UTF8.self) }
        return AssetType.known.lazy.map(\.usualFormat).first { equalBytes($0, self) }
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
