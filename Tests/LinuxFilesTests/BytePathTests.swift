import LinuxFiles
import Testing

@Suite("A path of raw bytes")
struct BytePathTests {
    @Test("is taken apart and put together again", arguments: ["", "a", "a/b", "a/b/c.txt"])
    func parts(text: String) {
        let path = BytePath(text)
        #expect(path.components.reduce(BytePath.root) { $0.appending($1) } == path)
        if !path.isRoot { #expect(path.parent.appending(path.name) == path) }
    }

    @Test(
        "contains itself and what is beneath it, not what begins alike",
        arguments: [("a", "a", true), ("a", "a/b", true), ("a", "ab", false), ("a/b", "a", false), ("", "a", true)]
    )
    func containment(outer: String, inner: String, expected: Bool) {
        #expect(BytePath(outer).contains(BytePath(inner)) == expected)
    }

    @Test(
        "follows a folder that moves",
        arguments: [("a/b", "a", "x/y", "x/y/b"), ("a", "a", "b", "b"), ("a", "", "top", "top/a")]
    )
    func moved(path: String, old: String, new: String, expected: String) {
        #expect(BytePath(path).moved(from: BytePath(old), to: BytePath(new)) == BytePath(expected))
    }

    @Test("is equal to a path of the same bytes, and hashes as it does", arguments: ["", "a", "a/b", "e\u{301}"])
    func equality(text: String) {
        let (path, other) = (BytePath(text), BytePath(bytes: Array(text.utf8)))
        #expect(path == other && path.hashValue == other.hashValue)
        #expect(path != BytePath(text + "x") && path != BytePath("\u{e9}"))
        #expect(Set([path, other, BytePath(text + "/")]).count == 2)
    }

    @Test("shows bytes that are no text, and is text only where they are")
    func strangeBytes() {
        let path = BytePath(bytes: [0x61, 0xff, 0x0a, 0xc3, 0xa9])
        #expect(path.text == nil)
        #expect(path.description == "a\\xff\\x0aé")
        #expect(BytePath("é").text == "é")
    }
}
