/// Rows in aligned columns, made safe for a terminal.
struct Table: Sendable {
    struct Column: Sendable, ExpressibleByStringLiteral {
        var title: String
        var isNumber = false

        init(stringLiteral title: String) { self.title = title }

        static func number(_ title: String) -> Column {
            var column = Column(stringLiteral: title)
            column.isNumber = true
            return column
        }
    }

    struct Cell: Sendable, ExpressibleByStringLiteral {
        var text: String
        var colour: Colour?

        init(_ text: String, _ colour: Colour? = nil) {
            self.text = text.terminalSafe
            self.colour = colour
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []
    var indentation = ""

    /// The titles and the rows, two spaces between columns and none at the end of a line.
    func lines(_ style: Style = .plain) -> [String] {
        let titles = columns.map { Cell($0.title, .grey) }
        let all = columns.contains { !$0.title.isEmpty } ? [titles] + rows : rows
        let widths = columns.indices.map { column in all.map { $0[column].text.terminalWidth }.max() ?? 0 }
        return all.map { row in
            var line = indentation
            for (index, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - cell.text.terminalWidth)
                let text = style.paint(cell.text, cell.colour)
                line += (index == 0 ? "" : "  ") + (columns[index].isNumber ? padding + text : text + padding)
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
