/// A room: what may be imported in it.
struct Module: Equatable {
    var name: String
    /// Modules of this package, and of packages that the manifest names.
    var dependencies: Set<String>
    /// Modules of the toolchain, which the manifest does not list.
    var system: Set<String>
    /// More of the toolchain, in single files.
    var systemByFile: [String: Set<String>] = [:]

    init(_ name: String, _ dependencies: Set<String>, system: Set<String> = [], inFile: [String: Set<String>] = [:]) {
        self.name = name
        self.dependencies = dependencies
        self.system = system
        systemByFile = inFile
    }

    /// Every arrow that is drawn. Package.swift and docs/architecture.md say the same.
    static let table: [Module] = [
        Module("CInotifyTools", []),
        Module("CLinux", []),
        Module("CXXHash", []),
        Module("CJSON", []),
        Module("LinuxFiles", ["CLinux", "CXXHash"], system: ["Glibc"]),
        Module("CommitDirectory", ["LinuxFiles"]),
        Module("TreeMonitor", ["LinuxFiles", "CInotifyTools"], system: ["Glibc"]),
        Module("PackerModel", [], inFile: ["Identity/UnicodeForm.swift": ["Foundation"]]),
        Module("WorkspaceFormat", ["PackerModel", "CJSON"]),
        Module(
            "Packer",
            ["PackerModel", "WorkspaceFormat", "CommitDirectory", "TreeMonitor", "LinuxFiles", "DequeModule"]
        ),
        Module(
            "StudioHost", ["Packer", "ServiceLifecycle"], system: ["Dispatch"],
            inFile: ["Events/Locked.swift": ["Foundation"]]
        ),
        Module("prometeu-packer", ["Packer", "ArgumentParser"], system: ["Foundation", "Glibc"]),
        Module("PackerTestSupport", ["Packer", "PackerModel", "LinuxFiles"], system: ["Foundation", "Glibc"]),
        Module("crash-child", ["Packer", "LinuxFiles", "PackerTestSupport"], system: ["Foundation", "Glibc"]),
        Module("studio-child", ["StudioHost", "Packer", "PackerTestSupport"], system: ["Foundation"]),
    ]
}

/// The arrows of a manifest: each target that is not a test, and what it depends on.
func arrows(inManifest manifest: String) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    // A comment cannot hold a target; strings are wanted, so only whole-line comments are left out.
    let text = manifest.split(separator: "\n").filter { !$0.contains(/^\s*\/\//) }.joined(separator: "\n")
    for start in text.matches(of: /\.(?:executableTarget|target)\(/) {
        let call = balanced(text[text.index(before: start.range.upperBound)...], "(", ")")
        guard let name = call.firstMatch(of: /name:\s*"([^"]+)"/)?.output.1 else { continue }
        var dependencies: Set<String> = []
        if let list = call.firstMatch(of: /dependencies:\s*\[/) {
            var items = balanced(call[call.index(before: list.range.upperBound)...], "[", "]")
            for product in items.matches(of: /\.product\(\s*name:\s*"([^"]+)"/) {
                dependencies.insert(String(product.output.1))
            }
            while let product = items.firstMatch(of: /\.product\(/) {
                let call = balanced(items[items.index(before: product.range.upperBound)...], "(", ")")
                items.removeSubrange(product.range.lowerBound..<call.endIndex)
            }
            for item in items.matches(of: /"([^"]+)"/) { dependencies.insert(String(item.output.1)) }
        }
        found[String(name)] = dependencies
    }
    return found
}

/// The text from its opening bracket to the one that closes it.
private func balanced(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
    var depth = 0
    for index in text.indices {
        if text[index] == open { depth += 1 }
        if text[index] == close { depth -= 1 }
        if depth == 0 { return text[...index] }
    }
    return text
}

/// The arrows of the page's table, whose rows are `| module | may import | of the toolchain |`.
func arrows(inPage page: String) -> [String: (dependencies: Set<String>, system: Set<String>)] {
    var found: [String: (dependencies: Set<String>, system: Set<String>)] = [:]
    var isTable = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
        let cells = line.split(separator: "|").map { $0.trimmed }
        if cells.starts(with: ["module", "may import", "of the toolchain"]) {
            isTable = true
        } else if !line.hasPrefix("|") {
            isTable = false
        } else if isTable, cells.count >= 3, !cells[0].hasPrefix("--") {
            found[names(in: cells[0]).first ?? cells[0]] = (Set(names(in: cells[1])), Set(names(in: cells[2])))
        }
    }
    return found
}

/// The words in backquotes; a parenthesis after one restricts it and is for the reader.
private func names(in cell: String) -> [String] {
    cell.replacing(/\([^)]*\)/, with: "").matches(of: /`([^`]+)`/).map { String($0.output.1) }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
