@testable import PackerModel

/// Random scans, with everything in them that bootstrap can meet.
enum RandomWorkspace {
    static let folders = ["a", "A", "b", "ß", "ss", "deep/er", "Deep/er", "é", "e\u{301}", "con"]

    static func path(_ generator: inout SeededGenerator) -> String {
        var parts = [folders.randomElement(using: &generator)!]
        while generator.oneIn(2) && parts.count < 4 { parts.append(folders.randomElement(using: &generator)!) }
        return parts.joined(separator: "/")
    }

    static func scan(_ generator: inout SeededGenerator) -> ScannedWorkspace {
        var scan = ScannedWorkspace()
        var entries: [RegistryEntry] = []
        let top = generator.oneIn(3) ? 500 : 40
        for _ in 0..<generator.number(0..<25) {
            let number = UInt32(generator.number(1..<top))
            let uuid = Sample.uuid(generator.oneIn(8) ? UInt64(generator.number(0..<40)) : UInt64(number))
            entries.append(Sample.entry(number, path(&generator), uuid: uuid, isIncluded: generator.oneIn(2)))
        }
        if !entries.isEmpty { scan.segments = Sample.segments(of: entries) }
        if generator.oneIn(5), let segment = scan.segments.indices.randomElement(using: &generator) {
            if generator.oneIn(2) {
                scan.segments[segment] = Sample.brokenSegment(scan.segments[segment].index, .registrySyntax)
            } else {
                scan.segments.remove(at: segment)
            }
        }
        var roots: [AssetRoot: ScannedRoot] = [:]
        for entry in entries where !generator.oneIn(4) {
            roots[entry.root] = root(entry.root.path, entry.uuid, &generator)
        }
        for _ in 0..<generator.number(0..<10) {
            let path = path(&generator)
            roots[Sample.root(path)] = root(path, Sample.uuid(UInt64(generator.number(0..<40))), &generator)
        }
        scan.roots = roots.values.sorted { $0.root < $1.root }.shuffled(using: &generator)
        for entry in entries where roots[entry.root] == nil && generator.oneIn(2) { scan.bareFolders[entry.root] = 55 }
        if generator.oneIn(3) {
            scan.diagnostics.append(
                Diagnostic(.entrySymlink, severity: .warning, path: "link", message: "a link", remedy: "remove it"))
        }
        return scan
    }

    private static func root(_ path: String, _ uuid: AssetUUID, _ generator: inout SeededGenerator) -> ScannedRoot {
        let inode = UInt64(generator.number(1..<1_000_000))
        switch generator.number(0..<8) {
        case 0: return Sample.broken(path, uuid: generator.oneIn(2) ? uuid : nil)
        case 1: return Sample.scanned(path, uuid, inode: inode, inputs: ["gone.png": nil, "there.png": Sample.file(3)])
        case 2: return Sample.scanned(path, uuid, inode: inode, inputs: ["folder": Sample.file(4, kind: .folder)])
        case 3: return Sample.scanned(path, Sample.uuid(UInt64(generator.number(0..<40))), inode: inode)
        default: return Sample.scanned(path, uuid, inode: inode, inputs: ["sub/in.png": Sample.file(5)])
        }
    }
}
