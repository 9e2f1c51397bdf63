/// A place that breaks a rule.
struct Violation: Equatable, CustomStringConvertible {
    /// Counted from 1; 0 where the file as a whole is meant.
    var line: Int
    var message: String

    var description: String { "\(line): \(message)" }
}

/// The rules for sources, each a function from text to what is wrong with it.
enum SourceRules {
    struct Import: Equatable {
        var line: Int
        var module: String
    }

    static func imports(in source: String) -> [Import] {
        let pattern =
            /(?:^|;)\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)/
        return SwiftText(source).code.enumerated().flatMap { index, line in
            line.matches(of: pattern).map { Import(line: index + 1, module: String($0.output.1)) }
        }
    }

    /// Imports that the module's entry in the table does not list.
    static func undrawnArrows(in source: String, file: String, of module: Module) -> [Violation] {
        let drawn = module.dependencies.union(module.system).union(module.systemByFile[file] ?? [])
        return imports(in: source).filter { !drawn.contains($0.module) }.map {
            Violation(line: $0.line, message: "\(module.name) may not import \($0.module)")
        }
    }

    static let maximumLines = 500

    static func tooLong(_ source: String) -> [Violation] {
        let lines =
            source.split(separator: "\n", omittingEmptySubsequences: false).count - (source.hasSuffix("\n") ? 1 : 0)
        return lines > maximumLines
            ? [Violation(line: 0, message: "\(lines) lines; split it, \(maximumLines) are the most")] : []
    }

    /// `@unchecked Sendable` without a plain comment (`// Unchecked: …`) on the line or within two lines of it.
    static func unexplainedUnchecked(in source: String) -> [Violation] {
        let text = SwiftText(source)
        let reasons = text.comments.filter { !$0.isDocumentation && $0.text.lowercased().contains("unchecked") }
        return text.code.enumerated().compactMap { index, line in
            guard line.contains(/@unchecked\s+Sendable/) else { return nil }
            if reasons.contains(where: { abs($0.line - (index + 1)) <= 2 }) { return nil }
            return Violation(line: index + 1, message: "@unchecked Sendable without a comment that says why it holds")
        }
    }

    static func forcedTries(in source: String) -> [Violation] {
        SwiftText(source).code.enumerated().compactMap { index, line in
            line.contains(/\btry!/) ? Violation(line: index + 1, message: "try!") : nil
        }
    }

    /// Fault points that are made outside of a room's list of them: no test would know that they are there.
    static func unlistedFaultPoints(in source: String, file: String) -> [Violation] {
        // Most sources need not be taken apart.
        guard !file.hasSuffix("Point.swift"), source.contains("FaultPoint") || source.contains(".init(") else {
            return []
        }
        return SwiftText(source).code.enumerated().flatMap { index, line in
            line.matches(of: /\bFaultPoint\s*(?:\.init\s*)?\(|\bat:\s*\.init\(/).map { _ in
                Violation(line: index + 1, message: "a fault point outside of the list")
            }
        }
    }

    /// Names of a host's event bus in code.
    static func busNames(in source: String) -> [Violation] {
        SwiftText(source).code.enumerated().flatMap { index, line in
            identifiers(in: line).filter { words(of: $0).contains("bus") || $0 == "StudioHost" }.map {
                Violation(line: index + 1, message: "the packer knows no bus, and here is \($0)")
            }
        }
    }

    /// Bodies of the adapter that are anything but one call of its project.
    static func meanings(inAdapter source: String) -> [Violation] {
        let text = SwiftText(source).code.joined(separator: "\n")
        // The innermost braces are the members' bodies; a closure or a branch would be one more.
        return text.matches(of: /\{([^{}]*)\}/).compactMap { body in
            let words = body.output.1.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if words == "self.project = project" { return nil }
            if words.wholeMatch(of: /(try )?(await )?project\.\w+(\([\w:., ]*\))?/) != nil { return nil }
            let line = text[..<body.range.lowerBound].count { $0 == "\n" } + 1
            return Violation(line: line, message: "the adapter does more than pass on: \(words)")
        }
    }

    private static let diskNames: Set<String> = [
        "FileManager", "FileHandle", "DispatchIO", "DispatchSource", "Process", "Bundle", "Data", "URL", "NSData",
        "contentsOfFile", "contentsOf", "fopen", "getenv",
    ]

    /// Names by which a room without the packer's disk could get at one.
    static func diskNames(in source: String) -> [Violation] {
        SwiftText(source).code.enumerated().flatMap { index, line in
            identifiers(in: line).filter(diskNames.contains).map {
                Violation(line: index + 1, message: "\($0) reaches the disk or a process")
            }
        }
    }

    static let deferred: Set<String> = [
        "doctor", "pack", "packs", "packing", "build", "builds", "builder", "reconcile", "reconciles", "reconciler",
        "reconciled", "reconciling", "reconciliation",
    ]
    /// Whether an asset takes part in a build is a fact of the registry; building is not here.
    static let allowedNames: Set<String> = ["isIncludedInBuild"]

    /// Names in a public list that belong to a capability that is not part of this wave.
    static func deferredCapabilities(inPublicList list: String) -> [Violation] {
        list.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            identifiers(in: String(line)).filter { name in
                !allowedNames.contains(name) && !deferred.isDisjoint(with: words(of: name))
            }.map { Violation(line: index + 1, message: "\($0) belongs to a deferred capability") }
        }
    }
}
