import Packer

extension Printer {
    /// A preview, without its blockers where it is text: they are the command's error.
    mutating func show(_ preview: Preview, name: String) throws {
        if asJSON { return try print(PreviewView(preview, name: name)) }
        for change in preview.changes {
            let target = change.to.map { " -> " + $0 } ?? ""
            try print("\(change.kind.label.padding(to: 13))  \(change.path)\(target)")
            for line in LineDifference.lines(from: change.before, to: change.after) {
                try print("  " + line, line.hasPrefix("+") ? .green : line.hasPrefix("-") ? .red : .grey)
            }
        }
        for warning in preview.warnings {
            try print("\(warning.severity.rawValue): \(warning.place): \(warning.message)", .yellow)
            try print("  remedy: \(warning.remedy)")
        }
        if preview.canBeApplied {
            let changes = Quantity.count(preview.changes.count, "change")
            try print("\(changes) to generation \(preview.generation); nothing was done")
        }
    }
}

extension PlannedChange.Kind {
    fileprivate var label: String {
        switch self {
        case .createFolder: "make folder"
        case .createFile: "create file"
        case .editFile: "edit file"
        case .moveFolder: "move folder"
        case .moveToTrash: "to the trash"
        case .restoreFromTrash: "from trash"
        case .emptyTrash: "empty trash"
        case .editRegistry: "edit registry"
        }
    }
}

/// The lines in which two texts differ, in the unified format (diff(1)).
enum LineDifference {
    private static let context = 3

    /// - Parameters: nil where there is no such text.
    static func lines(from old: String?, to new: String?) -> [String] {
        if old == new { return [] }
        let (old, new) = (split(old), split(new))
        var marked = marks(old, new)
        var shown: [String] = []
        var (oldLine, newLine) = (1, 1)
        while let first = marked.firstIndex(where: { $0.mark != " " }) {
            let start = max(0, first - context)
            oldLine += start
            newLine += start
            let hunk = marked[start..<end(of: marked, from: first)]
            let (removed, added) = (hunk.count { $0.mark != "+" }, hunk.count { $0.mark != "-" })
            shown.append("@@ -\(place(oldLine, removed)) +\(place(newLine, added)) @@")
            shown += hunk.map { "\($0.mark)\($0.text)" }
            oldLine += removed
            newLine += added
            marked = Array(marked[hunk.endIndex...])
        }
        return shown
    }

    private struct Line {
        var mark: Character
        var text: Substring
    }

    private static func split(_ text: String?) -> [Substring] {
        var lines = (text ?? "").split(separator: "\n" as Character, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// Every line of both, in order. What both begin and end with is never searched for differences.
    private static func marks(_ old: [Substring], _ new: [Substring]) -> [Line] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old[head...].reversed(), new[head...].reversed()).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        let difference = newMiddle.difference(from: oldMiddle)
        let gone = Set(difference.removals.map(offset))
        let come = Set(difference.insertions.map(offset))
        var lines = old[..<head].map { Line(mark: " ", text: $0) }
        var (from, to) = (0, 0)
        while from < oldMiddle.count || to < newMiddle.count {
            if from < oldMiddle.count, gone.contains(from) {
                lines.append(Line(mark: "-", text: oldMiddle[from]))
                from += 1
            } else if to < newMiddle.count, come.contains(to) {
                lines.append(Line(mark: "+", text: newMiddle[to]))
                to += 1
            } else {
                lines.append(Line(mark: " ", text: newMiddle[to]))
                from += 1
                to += 1
            }
        }
        return lines + old[(old.count - tail)...].map { Line(mark: " ", text: $0) }
    }

    private static func offset(_ change: CollectionDifference<Substring>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }

    /// Past the first change and all that are near it.
    private static func end(of lines: [Line], from first: Int) -> Int {
        var last = first
        var index = first
        while index < lines.count, index - last <= 2 * context {
            if lines[index].mark != " " { last = index }
            index += 1
        }
        return min(lines.count, last + context + 1)
    }

    /// As diff(1) writes it: of nothing, the line before.
    private static func place(_ line: Int, _ count: Int) -> String {
        count == 1 ? "\(line)" : "\(count == 0 ? line - 1 : line),\(count)"
    }
}
