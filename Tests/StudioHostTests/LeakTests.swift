import PackerTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LeakTests {
    @Test("a container that was stopped leaves no descriptor, no thread and nothing of itself behind")
    func leaks() throws {
        let folder = try TemporaryFolder()
        // A process of its own: in this one, other tests open and close things as well.
        let outcome = try Programs.run("studio-child", ["leaks", folder.path, "10"])
        #expect(outcome.status == 0)
        try #require(outcome.lines.count == 1, "\(outcome.output)")
        #expect(outcome.lines[0].hasPrefix("watched 10 rounds"))
    }
}
