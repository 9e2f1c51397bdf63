import Packer

/// Lines of text, each at a depth.
struct TextPage {
    private var lines: [String] = []

    var text: String { lines.map { $0 + "\n" }.joined() }

    mutating func add(_ depth: Int, _ line: String) {
        lines.append(String(repeating: "  ", count: depth) + line.printable)
    }

    /// Rows whose columns stand below each other.
    mutating func add(_ depth: Int, table rows: [[String]]) {
        let rows = rows.map { $0.map(\.printable) }
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).filter { $0.1 > 0 }.map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            add(depth, line)
        }
    }

    mutating func add(_ depth: Int, _ diagnostic: Diagnostic) {
        let place = [diagnostic.path] + [diagnostic.line, diagnostic.column].compactMap { $0.map { "\($0)" } }
        add(depth, "\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue) at \(place.joined(separator: ":"))")
        add(depth + 1, diagnostic.message)
    }

    mutating func add(_ error: ErrorPresentation) {
        add(0, "\(error.title) (\(error.code))")
        add(1, error.message)
        for place in error.places { add(2, place) }
        add(1, error.remedy + (error.offer.map { " [\($0.rawValue)]" } ?? ""))
    }

    mutating func add(_ preview: Preview) {
        for change in preview.changes { add(1, change.wording) }
        for diagnostic in preview.warnings { add(1, diagnostic) }
        for blocker in preview.blockers { add(1, "not possible, \(blocker.code.rawValue): \(blocker.message)") }
    }
}

extension String {
    /// Control characters as `\u{N}`: a name on disk may hold any.
    fileprivate var printable: String {
        unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}

extension AssetFilter {
    var wording: String {
        let conditions: [String?] = [
            registration?.rawValue, validity?.rawValue, isIncludedInBuild.map { $0 ? "included" : "excluded" },
            type?.rawValue, text.map { "\"\($0)\"" },
        ]
        let set = conditions.compactMap { $0 }
        return set.isEmpty ? "assets" : set.joined(separator: " and ")
    }
}

extension Asset {
    var stateText: String {
        let build = registration == .registered && !isIncludedInBuild ? "excluded" : nil
        let registered = registration == .registered ? nil : registration.rawValue
        return [validity.rawValue, registered, build].compactMap { $0 }.joined(separator: ", ")
    }
}

extension Divergence {
    /// - Parameter root: left out of the path; nil shows all of it.
    func wording(below root: AssetRoot?) -> String {
        var shown = path
        if let root, path.utf8.starts(with: (root.path + "/").utf8) {
            shown = String(Substring(path.utf8.dropFirst(root.path.utf8.count + 1)))
        }
        var nature = kind.name
        if case .moved(let place) = kind { nature += " to \(place)" }
        return "\(shown) \(nature)" + (isUnverified ? ", not verified" : "")
    }
}

extension Coverage {
    var wording: String {
        switch self {
        case .starting: "watches being set up"
        case .complete(let isVerified): isVerified ? "watched" : "watched, inputs being read"
        case .verifying(let reason): "looking at everything again: \(reason)"
        case .degraded(let unwatched, let reason): "\(unwatched.count) folders not watched: \(reason)"
        case .lost(let reason): "nothing is known: \(reason)"
        }
    }
}

extension PlannedChange {
    var wording: String {
        switch kind {
        case .createFolder: "create the folder \(path)"
        case .createFile: "create \(path)"
        case .editFile: "edit \(path)"
        case .moveFolder: "move \(path) to \(to ?? "-")"
        case .moveToTrash: "move \(path) to the trash"
        case .restoreFromTrash: "restore \(to ?? path) from the trash"
        case .emptyTrash: "remove \(path) for good"
        case .editRegistry: "edit the registry \(path)"
        }
    }
}

extension TrashItem {
    var wording: String {
        let names = assets.map { $0.root == root ? "id \($0.id)" : "\($0.root), id \($0.id)" }
        return "\(root): \(names.joined(separator: "; "))"
    }
}

extension OperationID {
    /// Enough of it to tell a page's operations apart.
    var short: String { String(description.prefix(8)) }
}

extension OperationBoard.Ending {
    var wording: String {
        switch self {
        case .committed(let outcome):
            "done in generation \(outcome.generation)" + (outcome.isRecovered ? ", recovered" : "")
        case .failed(let error): "failed: \(error.code.rawValue), \(error.message)"
        case .cancelled: "cancelled"
        }
    }
}
