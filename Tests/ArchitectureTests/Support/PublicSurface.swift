import Foundation

/// What a built module shows to other packages, one declaration a line.
enum PublicSurface {
    /// Reads the module that stands beside the running tests with the toolchain's `swift-symbolgraph-extract`.
    static func lines(ofModule module: String) throws -> [String] {
        try withTemporaryFolder { folder in
            let result = try run(
                ["swift-symbolgraph-extract", "-module-name", module, "-target", target] + searchPaths + [
                    "-minimum-access-level", "public", "-skip-synthesized-members", "-output-dir", folder.path,
                ]
            )
            guard result.status == 0 else { throw Failure(description: result.output) }
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            return try files.flatMap { try lines(ofSymbolGraph: Data(contentsOf: $0)) }.sorted()
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Where the compiler finds the modules of this package, those in C included.
    static var searchPaths: [String] {
        Module.table.filter { $0.name.hasPrefix("C") }
            .map { products.appending(path: "\($0.name).build/module.modulemap").path }
            .filter(FileManager.default.fileExists).flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
            + ["-I", products.appending(path: "Modules").path]
    }

    private static var target: String {
        #if arch(arm64)
            "aarch64-unknown-linux-gnu"
        #else
            "x86_64-unknown-linux-gnu"
        #endif
    }

    private struct Graph: Decodable {
        var symbols: [Symbol]
        var relationships: [Relationship]
    }

    private struct Symbol: Decodable {
        var identifier: Identifier
        var pathComponents: [String]
        var declarationFragments: [Fragment]?

        struct Identifier: Decodable { var precise: String }
        struct Fragment: Decodable { var spelling: String }
    }

    private struct Relationship: Decodable {
        var kind: String
        var source: String
        var target: String
        var targetFallback: String?
    }

    /// Conformances that say nothing: every type has them, or another one implies them.
    private static let implied: Set<String> = ["Swift.Copyable", "Swift.Escapable", "Swift.SendableMetatype"]

    static func lines(ofSymbolGraph data: Data) throws -> [String] {
        let graph = try JSONDecoder().decode(Graph.self, from: data)
        let names = Dictionary(graph.symbols.map { ($0.identifier.precise, $0) }, uniquingKeysWith: { $1 })
        var conformances: [String: Set<String>] = [:]
        for relationship in graph.relationships where relationship.kind == "conformsTo" {
            let name = relationship.targetFallback ?? names[relationship.target]?.pathComponents.joined(separator: ".")
            guard let name, !implied.contains(name) else { continue }
            conformances[relationship.source, default: []].insert(String(name.split(separator: ".").last!))
        }
        return graph.symbols.map { symbol in
            let outer = symbol.pathComponents.dropLast().joined(separator: ".")
            let declaration = (symbol.declarationFragments ?? []).map(\.spelling).joined()
            let oneLine = declaration.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let inherits = (conformances[symbol.identifier.precise] ?? []).sorted().joined(separator: ", ")
            return (outer.isEmpty ? "" : outer + ": ") + oneLine + (inherits.isEmpty ? "" : " : " + inherits)
        }.sorted()
    }

    /// What was added and removed, as a diff shows it.
    static func difference(from reviewed: [String], to actual: [String]) -> [String] {
        actual.difference(from: reviewed).map { change in
            switch change {
            case .insert(_, let line, _): "+ " + line
            case .remove(_, let line, _): "- " + line
            }
        }
    }
}

extension PublicSurface {
    /// Compiles sources as if they were of another package; answers what the compiler has to say.
    static func check(_ sources: [String], traits: [String] = []) throws -> String {
        try withTemporaryFolder { folder in
            let files = try sources.enumerated().map { index, text in
                let file = folder.appending(path: "\(index).swift")
                try Data(text.utf8).write(to: file)
                return file.path
            }
            return try run(
                [
                    "swiftc", "-typecheck", "-swift-version", "6", "-package-name", "another", "-module-name",
                    "Another",
                    "-parse-as-library", "-enable-upcoming-feature", "ExistentialAny",
                    "-enable-upcoming-feature", "InternalImportsByDefault",
                    "-enable-upcoming-feature", "MemberImportVisibility",
                ] + traits.flatMap { ["-D", $0] } + searchPaths + files
            ).output
        }
    }
}
