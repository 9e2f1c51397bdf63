enum DocumentationRules {
    /// List items, which are a page's rules, that name no test (`(test: "…")`) or one whose title is in no source.
    static func rulesWithoutTest(in page: String, tests: String) -> [Violation] {
        var rules: [(line: Int, text: String)] = []
        var isRule = false
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("- ") {
                rules.append((index + 1, String(line)))
                isRule = true
            } else if isRule, line.hasPrefix("  ") {
                rules[rules.count - 1].text += " " + line.drop { $0 == " " }
            } else {
                isRule = false
            }
        }
        return rules.flatMap { rule in
            let named = rule.text.matches(of: /\(test: "([^"]+)"\)/).map { String($0.output.1) }
            if named.isEmpty { return [Violation(line: rule.line, message: "names no test")] }
            return named.filter { !tests.contains("\"\($0)\"") }.map {
                Violation(line: rule.line, message: "there is no test \"\($0)\"")
            }
        }
    }

    /// Files and folders of the package that a page names in backquotes and that are not there.
    static func missingPlaces(in page: String, exists: (String) -> Bool) -> [Violation] {
        page.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            line.matches(of: /`((?:Sources|Tests|docs|fixtures|benchmarks)\/[^`]*)`/).map { String($0.output.1) }
                .filter { !exists($0) }.map { Violation(line: index + 1, message: "there is no \($0)") }
        }
    }
}
