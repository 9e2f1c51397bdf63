import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("apply")
struct ApplyTests {
    private let exclude = #"{"do":"exclude","asset":1}"#

    @Test("a line that is written gets its outcome, durable and readable, before the next line is written")
    func interactive() async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try LiveRun(command, ["apply", command.project, "-"])
        for number in 1...5 {
            try run.write(#"{"do":"create","root":"new/n\#(number)","type":"map"}"# + "\n")
            let outcome = try #require(try await run.next { _ in true })
            #expect(outcome["line"] == "\(number)")
            #expect(outcome["status"] == "committed")
            #expect(try DocumentedKeys.disagreements(outcome) == [])
            #expect(try await command("show", "new/n\(number)", "--json").status == 0)
        }
        try run.end()
        #expect(await run.status() == 0)
    }

    @Test(
        "the first signal stops the reading, and what was submitted ends with its outcome",
        arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try LiveRun(command, ["apply", command.project, "-"])
        try run.write(exclude + "\n")
        #expect(try await run.next { _ in true }?["status"] == "committed")
        run.signal(signal)
        #expect(await run.status() == 1)
        #expect(try await command("show", "1", "--json").object()["included_in_build"] == "false")
    }

    @Test("a driver that is gone ends it quietly")
    func readerGone() async throws {
        let command = Command(folder: try Fixtures.game())
        let script = #"mkfifo "$1/in"; exec 9<>"$1/in"; echo '\#(exclude)' >&9; "$0" apply "$1" - <&9 | head -1"#
        let run = try await command.shell("(\(script); exit ${PIPESTATUS[0]})")
        #expect(run.status == 0)
        #expect(run.error.isEmpty)
        #expect(run.lines.count == 1)
    }

    @Test("outcomes that cannot be written are a failure, and nothing more is read")
    func fullDisk() async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try await command.shell("echo '\(exclude)' | \"$0\" apply \"$1\" - >/dev/full")
        #expect(run.status == 1)
        #expect(run.error.contains("error: the output cannot be written: No space left on device"))
    }

    @Test("its outcomes are the only thing on standard output, the count is on standard error, blank lines are skipped")
    func streams() async throws {
        let command = Command(folder: try Fixtures.game())
        let lines = exclude + "\n\n \t\r\n" + #"[{"do":"include","asset":1},{"do":"exclude","asset":2}]"#
        try command.folder.write(lines, to: "changes")
        let run = try await command("apply", command.project + "/changes")
        #expect(run.status == 0)
        #expect(run.error == "2 operations: 2 committed, 0 not\n")
        let outcomes = try run.objects()
        #expect(outcomes.map { $0["line"] } == ["1", "4"])
        #expect(outcomes.map { $0["name"] } == ["exclude", "transaction"])
        #expect(outcomes[1].all("assets[].id") == ["1", "2"])
    }

    @Test("an input that cannot be read is refused with its path", arguments: ["/nowhere", "/"])
    func unreadable(path: String) async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try await command("apply", path)
        #expect(run.status == 1)
        let error = try run.object()
        #expect(error["error.code"] == "input.unreadable")
        #expect(try DocumentedKeys.disagreements(error) == [])
    }

    @Test("a line that is too long is refused, and the next one is read")
    func longLines() async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try await command.shell(
            #"(head -c 40000000 /dev/zero | tr '\0' x; echo; echo '\#(exclude)') | "$0" apply "$1" -"#)
        #expect(run.status == 1)
        let outcomes = try run.objects()
        #expect(outcomes.map { $0["status"] } == ["refused", "committed"])
        #expect(outcomes[0]["error.message"] == "line 1: it is longer than 8 MiB")
        for outcome in outcomes { #expect(try DocumentedKeys.disagreements(outcome) == []) }
    }

    @Test(
        "a line that is no mutation is refused with its line and what is wrong, and the run goes on",
        arguments: [
            ("{\"do\":", "line 2, column 7: it is not JSON: it ends where a value should stand"),
            (
                "{\"do\":\"emptyTrash\",}",
                "line 2, column 20: it is not JSON: \"}\" stands where the name of a member should"
            ),
            ("{} {}", "line 2, column 4: it is not JSON: \"{\" stands behind the value"),
            ("{\"do\":\"a\",\"do\":\"b\"}", "line 2, column 11: it is not JSON: the member \"do\" stands twice"),
            ("{\"do\":\"a\nb\"}", "line 2, column 9: it is not JSON: it ends where the end of a text should stand"),
            ("{\"do\":01}", "line 2, column 8: it is not JSON: \"1\" stands where a comma or } should"),
            ("{\"do\":\"\\ud800\"}", "line 2, column 7: it is not JSON: the text has an escape that is no character"),
            (String(repeating: "[", count: 70), "line 2, column 65: it is not JSON: it is nested more than 64 deep"),
            ("{\"asset\":1}", "line 2: the member \"do\" is missing"),
            ("{\"do\":\"fly\",\"asset\":1}", "line 2: do: there is no mutation \"fly\""),
            ("[{\"do\":\"emptyTrash\"},{\"do\":\"delete\"}]", "line 2: [1]: the member \"asset\" is missing"),
            (
                "{\"do\":\"include\",\"asset\":1,\"to\":\"x\"}",
                "line 2: include has no member \"to\"; it takes asset, do"
            ),
        ]
    )
    func invalid(line: String, message: String) throws {
        let bytes = Array(line.prefix { $0 != "\n" }.utf8)
        let error = #expect(throws: PackerError.self) { try MutationLine.parse(.bytes(bytes), 2) }
        #expect(error?.code == .mutationInvalid)
        #expect(error?.message == message)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("what is no UTF-8 is refused with its column")
    func undecodable() {
        let bytes = Array("{\"é".utf8) + [0xe2, 0x82] + Array("\"}".utf8)
        let error = #expect(throws: PackerError.self) { try MutationLine.parse(.bytes(bytes), 1) }
        #expect(error?.message == "line 1, column 5: it is not valid UTF-8")
    }

    @Test("every mutation that the help shows is one, and every verb is shown")
    func help() async throws {
        let help = try await Command(folder: try TemporaryFolder()).run(["apply", "--help"])
        let shown = help.lines.map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("{") || $0.hasPrefix("[{") }
        let verbs = try shown.flatMap { try MutationLine.parse(.bytes(Array($0.utf8)), 1) }.map(\.name)
        #expect(
            Set(verbs) == [
                "create", "register", "include", "exclude", "update", "relocate", "unregister", "delete", "restore",
                "emptyTrash", "reidentify",
            ])
    }

    @Test("lines end at a newline or at the end, however they come in", arguments: [1, 3, 100_000])
    func lines(limit: Int) throws {
        let folder = try TemporaryFolder()
        let texts = ["", "a", "bb", "cccc", String(repeating: "d", count: 70_000), "", "e"]
        try folder.write(texts.joined(separator: "\n"), to: "lines")
        let source = try LineSource(path: folder.path + "/lines", limit: limit)
        var read: [LineSource.Line] = []
        while let line = try source.next() { read.append(line) }
        #expect(read == texts.map { $0.utf8.count > limit ? .tooLong : .bytes(Array($0.utf8)) })
    }

    @Test("outcomes are given in the order of their places, and room is made by taking them")
    func order() async throws {
        let queue = OutcomeQueue()
        func outcome(_ line: Int) -> LineOutcome {
            LineOutcome(line: line, result: .failure(PackerError(.cancelled, "", remedy: "")))
        }
        let places = (0..<OutcomeQueue.capacity).map { _ in queue.open(cost: 1) }
        queue.put(outcome(2), at: places[1])
        queue.put(outcome(1), at: places[0])
        #expect(queue.take()?.map(\.line) == [1, 2])
        let next = queue.open(cost: 1)
        for place in places.dropFirst(2) + [next] { queue.put(outcome(place + 1), at: place) }
        #expect(queue.take()?.count == OutcomeQueue.capacity - 1)
        queue.finish()
        #expect(queue.take() == nil)
    }

    @Test(
        "a lane that is full and a sink that lags are waited for: every line gets its outcome",
        arguments: [(lane: 1, events: 100_000), (lane: 10_000, events: 2)])
    func busy(capacity: (lane: Int, events: Int)) async throws {
        let folder = try Fixtures.game()
        let verbs = (0..<200).map { #"{"do":"\#($0 % 2 == 0 ? "exclude" : "include")","asset":1}"# }
        try folder.write(verbs.joined(separator: "\n"), to: "changes")
        let project = try await PackerProject.open(
            folder.path,
            options: PackerOptions(
                settleTime: .zero, laneCapacity: capacity.lane, eventCapacity: capacity.events),
            sink: EventRecorder()
        )
        let outcomes = open(folder.path + "/outcomes", O_WRONLY | O_CREAT, 0o600)
        defer { close(outcomes) }
        let report = await ApplyRun(
            try LineSource(path: folder.path + "/changes"), project, ProgressLine(),
            output: Output(descriptor: outcomes)
        ).run()
        #expect(report.committed == 200 && report.refused == 0 && report.failure == nil)
        let lines = try folder.text("outcomes").split(separator: "\n")
        #expect(try lines.map { try JSONObject(String($0))["line"] } == (1...200).map(String.init))
        await project.close()
    }
}
