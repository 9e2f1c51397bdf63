/// The lines in which two texts differ, in the unified format (diff(1)).
enum LineDifference {
    private static let context = 3
    /// Past so many changed lines the search for the shortest difference takes time and memory by their square; then
    /// all of them are shown as replaced.
    private static let searchedLines = 2_000

    /// Whether a newline ends the text is not shown: it may be a part of a file.
    /// - Parameters: nil where there is no such text.
    static func lines(from old: String?, to new: String?) -> [String] {
        func bytes(_ text: String) -> [UInt8] {
            Array(text.utf8) + (text.isEmpty || text.utf8.last == newline ? [] : [newline])
        }
        return lines(from: old.map(bytes), to: new.map(bytes))
    }

    /// Compares by bytes: what Unicode holds for one text can be two.
    /// - Parameters: nil where there is no such text.
    static func lines(from old: [UInt8]?, to new: [UInt8]?) -> [String] {
        if old == new { return [] }
        let marked = marks(split(old), split(new))
        var shown: [String] = []
        var (oldLine, newLine, start) = (1, 1, 0)
        while let first = marked[start...].firstIndex(where: { $0.mark != .both }) {
            let from = max(start, first - context)
            oldLine += from - start
            newLine += from - start
            let hunk = marked[from..<end(of: marked, from: first)]
            let (removed, added) = (hunk.count { $0.mark != .new }, hunk.count { $0.mark != .old })
            shown.append("@@ -\(place(oldLine, removed)) +\(place(newLine, added)) @@")
            for line in hunk { shown += line.text }
            oldLine += removed
            newLine += added
            start = hunk.endIndex
        }
        return shown
    }

    private struct Line {
        enum Mark: String {
            case both = " "
            case old = "-"
            case new = "+"
        }

        var mark: Mark
        /// With the newline that ends it.
        var bytes: ArraySlice<UInt8>

        /// The line as it is shown, and what diff(1) says of one that nothing ends.
        var text: [String] {
            guard bytes.last == LineDifference.newline else {
                return [mark.rawValue + bytes.shownAsText, "\\ No newline at end of file"]
            }
            return [mark.rawValue + bytes.dropLast().shownAsText]
        }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func split(_ text: [UInt8]?) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = (text ?? [])[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: newline).map { $0 + 1 } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }

    /// Every line of both, in order. What both begin and end with is never searched for differences.
    private static func marks(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Line] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old[head...].reversed(), new[head...].reversed()).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        var (gone, come) = (Set(oldMiddle.indices), Set(newMiddle.indices))
        if oldMiddle.count + newMiddle.count <= searchedLines {
            let difference = newMiddle.difference(from: oldMiddle)
            (gone, come) = (Set(difference.removals.map(offset)), Set(difference.insertions.map(offset)))
        }
        var lines = old[..<head].map { Line(mark: .both, bytes: $0) }
        var (from, to) = (0, 0)
        while from < oldMiddle.count || to < newMiddle.count {
            if from < oldMiddle.count, gone.contains(from) {
                lines.append(Line(mark: .old, bytes: oldMiddle[from]))
                from += 1
            } else if to < newMiddle.count, come.contains(to) {
                lines.append(Line(mark: .new, bytes: newMiddle[to]))
                to += 1
            } else {
                lines.append(Line(mark: .both, bytes: newMiddle[to]))
                from += 1
                to += 1
            }
        }
        return lines + old[(old.count - tail)...].map { Line(mark: .both, bytes: $0) }
    }

    private static func offset(_ change: CollectionDifference<ArraySlice<UInt8>>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }

    /// Past the first change and all that are near it.
    private static func end(of lines: [Line], from first: Int) -> Int {
        var last = first
        var index = first
        while index < lines.count, index - last <= 2 * context {
            if lines[index].mark != .both { last = index }
            index += 1
        }
        return min(lines.count, last + context + 1)
    }

    /// As diff(1) writes it: of nothing, the line before.
    private static func place(_ line: Int, _ count: Int) -> String {
        count == 1 ? "\(line)" : "\(count == 0 ? line - 1 : line),\(count)"
    }
}
