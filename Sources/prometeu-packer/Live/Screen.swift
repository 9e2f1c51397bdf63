import Packer

/// A window of a terminal, and what the live view shows in it: a function of its size and the state.
struct Screen: Equatable, Sendable {
    let columns: Int
    let rows: Int
    let style: Style

    init(columns: Int, rows: Int, style: Style = .plain) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        self.style = style
    }

    /// Windows that are lower show the head in one line.
    private static let lowestWithHead = 12
    private static let namedRoots = 3
    /// Kind, snapshot and disk, and an empty line.
    private static let flagHeight = 4

    /// At most as many lines as the window has, each at most as wide.
    func lines(_ state: LiveState) -> [String] {
        let head = head(state)
        let room = bodyRows(state)
        var lines = head.map(painted)
        guard room > 0 else { return Array(lines.prefix(rows)) }
        let layout = Layout(state)
        let scroll = min(state.scroll, max(0, layout.height - room))
        var body: [Text] = []
        if state.flags.isEmpty { body = [Text(nothing(state), .grey)] }
        for index in layout.flags(in: scroll..<(scroll + room)) {
            let block = block(state.flags[index], state)
            body += block.dropFirst(max(0, scroll - layout.starts[index]))
        }
        body = Array(body.prefix(room))
        lines += body.map(painted)
        guard rows - head.count - room > 0 else { return lines }
        lines += Array(repeating: "", count: room - body.count)
        return lines + [painted(foot(shown: scroll..<min(layout.height, scroll + room), of: layout.height))]
    }

    /// The flags of which at least a line is in the window.
    func visibleFlags(_ state: LiveState) -> Range<Int> {
        let room = bodyRows(state)
        let layout = Layout(state)
        let scroll = min(state.scroll, max(0, layout.height - room))
        return room > 0 ? layout.flags(in: scroll..<(scroll + room)) : 0..<0
    }

    /// The state after a key.
    func pressed(_ key: Key, _ state: LiveState) -> LiveState {
        var state = state
        let room = max(1, bodyRows(state))
        let last = max(0, Layout(state).height - room)
        let current = min(state.scroll, last)
        let target =
            switch key {
            case .up: current - 1
            case .down: current + 1
            case .pageUp: current - room
            case .pageDown: current + room
            case .home: 0
            case .end: last
            case .quit: current
            }
        state.scroll = max(0, min(target, last))
        return state
    }

    /// Where each flag begins, in lines.
    private struct Layout {
        let starts: [Int]
        let height: Int

        init(_ state: LiveState) {
            var line = 0
            starts = state.flags.map { flag in
                defer { line += Screen.flagHeight + (flag.change?.height ?? 0) }
                return line
            }
            // Nothing separates the last one from the foot.
            height = max(0, line - 1)
        }

        func flags(in lines: Range<Int>) -> Range<Int> {
            func firstStarting(at line: Int) -> Int {
                var (low, high) = (0, starts.count)
                while low < high {
                    let middle = (low + high) / 2
                    if starts[middle] < line { low = middle + 1 } else { high = middle }
                }
                return low
            }
            let end = firstStarting(at: lines.upperBound)
            return min(end, max(0, firstStarting(at: lines.lowerBound + 1) - 1))..<end
        }
    }

    private func bodyRows(_ state: LiveState) -> Int {
        // One for the foot, where there is room for it.
        let rest = rows - head(state).count
        return rest > 1 ? rest - 1 : rest
    }

    // MARK: - What is said

    private func head(_ state: LiveState) -> [Text] {
        let flagged = state.flags.count
        let colour: Colour = flagged == 0 ? .green : .red
        if rows < Self.lowestWithHead {
            let assets = Quantity.count(state.assets.total, "asset")
            return [Text("\(flagged) flagged, coverage \(state.coverage.name), \(assets)", colour)]
        }
        let assets = state.assets
        let states =
            "\(assets.total): \(assets.valid) valid, \(assets.invalid) invalid, \(assets.missing) missing; "
            + "\(assets.registered) registered, \(assets.total - assets.registered) not"
        let named = state.changedRoots.prefix(Self.namedRoots).joined(separator: ", ")
        let more = state.changedRoots.count - Self.namedRoots
        let roots = named.isEmpty ? "" : ", changed: " + named + (more > 0 ? " and \(more) more" : "")
        return [
            Text([("project   ", .grey), (state.project, nil)]),
            Text([("snapshot  ", .grey), ("generation \(state.generation)\(roots)", nil)]),
            Text([("assets    ", .grey), (states, nil)]),
            Text([("coverage  ", .grey), (state.coverage.text, state.coverage.colour)]),
            Text([("flagged   ", .grey), (String(flagged), colour)]),
        ] + state.notes.map { Text($0, .yellow) } + [Text("")]
    }

    private func nothing(_ state: LiveState) -> String {
        if case .complete(let inputsVerified) = state.coverage, inputsVerified {
            return "The disk is what the snapshot says."
        }
        return "Nothing is flagged; what that is worth, the coverage says."
    }

    private func block(_ flag: LiveState.Flag, _ state: LiveState) -> [Text] {
        let (flag, change, digest) = (flag.divergence, flag.change, flag.digest)
        var place = flag.path
        if case .moved(let target) = flag.kind { place += " -> \(target.path)" }
        place += flag.doubt
        let age = Quantity.age(state.now - flag.since)
        var lines = [
            Text([(flag.label.padding(to: 10) + "  ", .red), (age.padding(to: 11) + "  ", .grey), (place, nil)]),
            Text([("  snapshot  ", .grey), (shown(flag.expected), nil)]),
            Text([("  disk      ", .grey), (shown(flag.observed, digest), nil)]),
        ]
        switch change {
        case .lines(let difference, let more):
            lines += difference.map { line in
                Text("    " + line, line.hasPrefix("+") ? .green : line.hasPrefix("-") ? .red : .grey)
            }
            if more > 0 { lines.append(Text("    and \(Quantity.count(more, "more line"))", .grey)) }
        case .note(let text): lines.append(Text("    (\(text))", .grey))
        case nil, .some(.none): break
        }
        return lines + [Text("")]
    }

    /// What stands somewhere, in a few words.
    private func shown(_ fingerprint: Fingerprint?, _ digest: Fingerprint.Digest? = nil) -> String {
        guard let fingerprint else { return "nothing" }
        guard fingerprint.kind == .file else { return fingerprint.kind.rawValue }
        var parts = ["file", Quantity.size(fingerprint.size)]
        if let digest = fingerprint.digest ?? digest { parts.append(String(digest.description.prefix(8))) }
        if fingerprint.isExecutable { parts.append("executable") }
        return parts.joined(separator: ", ")
    }

    private func foot(shown: Range<Int>, of height: Int) -> Text {
        var text = "q quits"
        if shown.count < height {
            let hidden = [(shown.lowerBound, "above"), (height - shown.upperBound, "below")].filter { $0.0 > 0 }
            let told = hidden.map { "\(Quantity.count($0.0, "line")) \($0.1)" }.joined(separator: ", ")
            text += ", arrows and pages scroll: \(told)"
        }
        return Text(text, .grey)
    }

    // MARK: - Lines

    /// A line in parts of one colour each.
    private struct Text {
        let parts: [(text: String, colour: Colour?)]

        init(_ parts: [(String, Colour?)]) { self.parts = parts }

        init(_ text: String, _ colour: Colour? = nil) { parts = [(text, colour)] }
    }

    /// The line as the terminal gets it: safe, and cut where the window ends.
    private func painted(_ line: Text) -> String {
        var (rest, painted) = (columns, "")
        for (index, part) in line.parts.enumerated() {
            let text = part.text.terminalSafe
            let isLast = line.parts[(index + 1)...].allSatisfy(\.text.isEmpty)
            let cut = text.cut(toWidth: rest, marksEnd: !isLast)
            painted += style.paint(cut, part.colour)
            rest -= cut.terminalWidth
            if cut != text || rest <= 0 { break }
        }
        return painted
    }
}

extension String {
    /// As much as fits into so many columns, an ellipsis at the end of what was cut.
    /// - Parameter marksEnd: something follows that may not fit any more.
    func cut(toWidth columns: Int, marksEnd: Bool = false) -> String {
        let width = terminalWidth
        if width < columns || width == columns && !marksEnd { return self }
        guard columns > 0 else { return "" }
        var (cut, used) = ("", 0)
        for character in self {
            let next = String(character).terminalWidth
            guard used + next < columns else { break }
            used += next
            cut.append(character)
        }
        return cut + "…"
    }
}

extension Quantity {
    /// `now`, `3 s ago`, `5 min ago`: how long ago so many nanoseconds are.
    static func age(_ nanoseconds: Int64) -> String {
        let seconds = max(0, nanoseconds / 1_000_000_000)
        return switch seconds {
        case 0: "now"
        case ..<60: "\(seconds) s ago"
        case ..<3_600: "\(seconds / 60) min ago"
        case ..<86_400: "\(seconds / 3_600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }
}
