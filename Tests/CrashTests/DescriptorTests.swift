import Foundation
import PackerTestSupport
import Testing

@Suite("A process that may open no more files")
struct DescriptorTests {
    @Test("is told so by each command at whatever step it runs out, and the same command works with some to spare")
    func starved() throws {
        let folder = try Fixtures.empty()
        let outcome = try Programs.run("crash-child", ["starve", folder.path])
        #expect(outcome.lines.last == "closed", "\(outcome.output.suffix(600))")
        let refused = outcome.lines.filter { $0.hasPrefix("refused") }
        for line in refused {
            let words = line.split(separator: " ", maxSplits: 4)
            #expect(words[2] == "disk.failed" && words[3] != "0" && words[4].contains("ulimit -n"), "\(line)")
        }
        #expect(outcome.lines.filter { $0.hasPrefix("ok") }.count == 20)
        #expect(refused.count > 60, "only \(refused.count)")
        print("descriptors ran out \(refused.count) times in 20 commands")
    }
}
