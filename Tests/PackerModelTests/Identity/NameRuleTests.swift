import Testing

@testable import PackerModel

@Suite("NameRule")
struct NameRuleTests {
    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let broken: [(NameRule, String, component: String)] = [
        (.empty, "", ""), (.empty, "a//b", ""), (.empty, "a/", ""),
        (.absolute, "/", "/"), (.absolute, "/a", "/a"),
        (.dotComponent, ".", "."), (.dotComponent, "a/..", ".."), (.dotComponent, "../a", ".."),
        (.dotComponent, "a\u{600}/../b", ".."),
        (
            .tooManyComponents, Array(repeating: "a", count: 33).joined(separator: "/"),
            Array(repeating: "a", count: 33).joined(separator: "/")
        ),
        (.componentTooLong, "a/" + long(256), long(256)),
        (
            .pathTooLong, [long(255), long(255), long(255), long(255), "x"].joined(separator: "/") + "x",
            [long(255), long(255), long(255), long(255), "xx"].joined(separator: "/")
        ),
        (.leadingDot, ".hidden", ".hidden"), (.leadingDot, "a/.prometeu", ".prometeu"), (.leadingDot, "...", "..."),
        (.leadingDot, "a\u{600}/.b", ".b"),
        (.trailingDotOrSpace, "a.", "a."), (.trailingDotOrSpace, "a /b", "a "), (.trailingDotOrSpace, " ", " "),
        (.controlCharacter, "a\u{0}", "a\u{0}"), (.controlCharacter, "a\nb", "a\nb"),
        (.controlCharacter, "a\u{1f}", "a\u{1f}"), (.controlCharacter, "a\u{7f}", "a\u{7f}"),
        (.controlCharacter, "a\u{80}", "a\u{80}"), (.controlCharacter, "a\u{9f}b", "a\u{9f}b"),
        (.forbiddenCharacter, "a<b", "a<b"), (.forbiddenCharacter, "a>b", "a>b"), (.forbiddenCharacter, "a:b", "a:b"),
        (.forbiddenCharacter, "a\"b", "a\"b"), (.forbiddenCharacter, "a\\b", "a\\b"),
        (.forbiddenCharacter, "a|b", "a|b"), (.forbiddenCharacter, "a?b", "a?b"), (.forbiddenCharacter, "a*b", "a*b"),
        (.forbiddenCharacter, "a*\u{301}b", "a*\u{301}b"),
        (.deviceName, "con", "con"), (.deviceName, "CON", "CON"), (.deviceName, "a/prn.txt", "prn.txt"),
        (.deviceName, "Aux.tar.gz", "Aux.tar.gz"), (.deviceName, "nul", "nul"), (.deviceName, "com1", "com1"),
        (.deviceName, "COM9.x", "COM9.x"), (.deviceName, "lpt5", "lpt5"), (.deviceName, "com¹", "com¹"),
        (.deviceName, "LPT².x", "LPT².x"), (.deviceName, "lpt³", "lpt³"), (.deviceName, "con .txt", "con .txt"),
        (.deviceName, "con.\u{301}", "con.\u{301}"),
        (.declarationName, "asset.json", "asset.json"), (.declarationName, "a/Asset.JSON", "Asset.JSON"),
        (.notComposed, "e\u{301}", "e\u{301}"), (.notComposed, "a/\u{301}\u{345}\u{301}", "\u{301}\u{345}\u{301}"),
        (.notComposed, "\u{212a}", "\u{212a}"),
    ]

    @Test("a broken rule is named, with the component that breaks it", arguments: broken)
    func named(rule: NameRule, path: String, component: String) {
        let problem = NameRule.firstProblem(in: path)
        #expect(problem?.rule == rule)
        #expect(problem.map { Array($0.component.utf8) } == Array(component.utf8))
        #expect(throws: NameProblem(rule: rule, component: component)) { try AssetRoot(validating: path) }
    }

    @Test("every rule has a name that breaks it here, and says what is wrong")
    func complete() {
        #expect(Set(Self.broken.map(\.0)) == Set(NameRule.allCases))
        #expect(Set(NameRule.allCases.map(\.explanation)).count == NameRule.allCases.count)
        #expect(NameProblem(rule: .controlCharacter, component: "a\nb").message.hasPrefix("\"a\\u{a}b\" "))
    }

    @Test(
        "what breaks no rule is taken",
        arguments: [
            "a", "a/b", "characters/hero 1", "a.b", "x..y", "é", "日本語/絵", "com", "com0", "com10", "comx", "console",
            "lpt¹¹", "com⁴", "conx.txt", "co.n", "xcon", "nul_", "a\u{a0}b", "asset.jso", "assets.json", "~", "-",
            "a'b",
            Array(repeating: "a", count: 32).joined(separator: "/"), "a/" + long(255),
            [long(255), long(255), long(255), long(253), "xx"].joined(separator: "/").dropLast(1).description,
            String(repeating: "é", count: 127) + "x",
        ])
    func taken(path: String) throws {
        #expect(try AssetRoot(validating: path).path == path)
    }

    @Test("lengths are counted in bytes, and 255 and 1,024 are still good")
    func lengths() {
        let full = [Self.long(255), Self.long(255), Self.long(255), Self.long(255), ""].joined(separator: "/")
        #expect(full.utf8.count == 1_024)
        #expect(NameRule.firstProblem(in: String(full.dropLast())) == nil)
        let most = [Self.long(255), Self.long(255), Self.long(255), Self.long(254), "x"].joined(separator: "/")
        #expect(most.utf8.count == 1_024)
        #expect(NameRule.firstProblem(in: most) == nil)
        #expect(NameRule.firstProblem(in: most + "x")?.rule == .pathTooLong)
        #expect(NameRule.firstProblem(in: String(repeating: "é", count: 128))?.rule == .componentTooLong)
    }

    @Test("control characters are shown as their numbers, everything else as it is")
    func escaped() {
        #expect("a\u{1b}[31m\u{9b}é\u{301}".escaped == "a\\u{1b}[31m\\u{9b}é\u{301}")
        #expect("plain".escaped == "plain")
    }
}
