enum DocumentationRules {
    /// A page's rules: its list items, with a dash or a number.
    private static func rules(of page: String) -> [(line: Int, text: String)] {
        var rules: [(line: Int, text: String)] = []
        var isRule = false
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.prefixMatch(of: #/- |[0-9]+\. /#) != nil {
                rules.append((index + 1, String(line)))
                isRule = true
            } else if isRule, line.hasPrefix("  ") {
                rules[rules.count - 1].text += " " + line.drop { $0 == " " }
            } else {
                isRule = false
            }
        }
        return rules
    }

    private static func namedTests(in text: String) -> [String] {
        text.matches(of: /\(test: "([^"]+)"\)/).map { String($0.output.1) }
    }

    /// The titles that tests have in a source, and the names of scenarios, which are the cases of a test.
    static func titles(in tests: String) -> Set<String> {
        Set(tests.matches(of: /(?:@Test|Scenario)\(\s*"([^"]+)"/).map { String($0.output.1) })
    }

    /// Rules that name no test (`(test: "…")`) and do not own up to it (`(no test yet)`), or name one that is nowhere.
    static func rulesWithoutTest(in page: String, titles: Set<String>) -> [Violation] {
        rules(of: page).flatMap { rule in
            let named = namedTests(in: rule.text)
            if named.isEmpty && !rule.text.contains("(no test yet)") {
                return [Violation(line: rule.line, message: "names no test")]
            }
            return named.filter { !titles.contains($0) }.map {
                Violation(line: rule.line, message: "there is no test \"\($0)\"")
            }
        }
    }

    /// Tests that a page names anywhere, in a rule or not, and that are nowhere.
    static func missingTests(in page: String, titles: Set<String>) -> [String] {
        let text = page.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
        return namedTests(in: text).filter { !titles.contains($0) }
    }

    /// Files and folders of the package that a page names in backquotes and that are not there.
    static func missingPlaces(in page: String, exists: (String) -> Bool) -> [Violation] {
        page.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
            line.matches(of: /`((?:Sources|Tests|docs|fixtures|benchmarks)\/[^`]*)`/).map { String($0.output.1) }
                .filter { !exists($0) }.map { Violation(line: index + 1, message: "there is no \($0)") }
        }
    }
}
