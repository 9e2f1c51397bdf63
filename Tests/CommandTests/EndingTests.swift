import Foundation
import PackerTestSupport
import Testing

@Suite("How the command ends")
struct EndingTests {
    private func project() async throws -> Command {
        let command = Command(folder: try Fixtures.game())
        return command
    }

    static let commands = [
        "init", "list", "show", "create", "register", "include", "exclude", "update", "relocate", "unregister",
        "delete", "restore", "trash", "reidentify", "apply", "refresh", "conflicts", "watch",
        "snapshot", "divergence",
    ]

    @Test("the help of each command explains it and has an example that runs it", arguments: commands + ["explain"])
    func help(name: String) async throws {
        let command = Command(folder: try TemporaryFolder())
        let run = try await command.run([name, "--help"])
        #expect(run.status == 0)
        #expect(run.error.isEmpty)
        #expect(run.output.contains("EXAMPLES\n  prometeu-packer \(name) "), "\(run.output)")
        #expect(try await command.run(["help", name]).output == run.output)
    }

    @Test("the examples of the help parse", arguments: commands + ["explain"])
    func examples(name: String) async throws {
        let command = Command(folder: try TemporaryFolder())
        let help = try await command.run([name, "--help"])
        let examples = help.lines.filter { $0.hasPrefix("  ") && $0.contains("prometeu-packer \(name) ") }
        #expect(examples.count >= 2)
        for example in examples {
            // In an empty folder each is refused or done, but never misunderstood.
            let run = try await command.shell(
                "cd \"$1\" && prometeu-packer() { \"$PACKER\" \"$@\"; }; PACKER=$0;\(example)")
            #expect(!run.error.contains("Usage:"), "\(example): \(run.error)")
        }
    }

    @Test(
        "a command line that is not understood ends with 2, on standard error",
        arguments: [
            ["nonsense"], ["list"], ["list", "p", "--validity", "odd"], ["list", "p", "--limit", "0"],
            ["list", "p", "--included", "--excluded"], ["show", "p"], ["create", "p", "root"],
            ["create", "p", "root", "--type", "map", "--input", "path"], ["relocate", "p", "1"],
            ["watch", "p", "--for", "-1"], ["watch", "p", "--for", "soon"], ["refresh", "p", "1", "2"],
            ["list", "p", "--json", "--no\u{1b}[31m"], ["update", "p", "1"], ["update", "p", "1", "--set", "name"],
            ["update", "p", "1", "--set", "uuid=x"], ["update", "p", "1", "--set", "preload.enabled=yes"],
            ["update", "p", "1", "--set", "name=a", "--set", "name=b"], ["update", "p", "1", "--input", "a.png"],
            ["trash", "p", "--preview"], ["apply", "p"], ["delete", "p"], ["restore", "p", "1", "--to"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let run = try await Command(folder: try TemporaryFolder()).run(arguments)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.error.hasPrefix("Error: "))
        #expect(!run.error.contains("\u{1b}"))
    }

    @Test(
        "a root that may not be made is refused with the path and a remedy",
        arguments: [
            "..", "/abs", "a/../b", "con", "a/COM1.png", "a/.hid", "bad|name", "dot.", "space ", "", "a//b", "a/",
            "bell\u{7}", "e\u{301}", String(repeating: "x", count: 256),
        ]
    )
    func badRoots(root: String) async throws {
        let command = try await project()
        let before = try command.folder.contents()
        let shown = root.replacing("\u{7}", with: "\\u{7}")
        for arguments in [["create", root, "--type", "map"], ["relocate", "1", root]] {
            var arguments = arguments
            arguments.insert(command.project, at: 1)
            let text = try await command.run(arguments)
            #expect(text.status == 1)
            #expect(text.error.contains("\n  path: \(shown)\n"), "\(text.error)")
            #expect(text.error.contains("\n  remedy: Choose "))
            let json = try await command.run(arguments + ["--json"])
            #expect(json.status == 1)
            #expect(json.error.isEmpty)
            #expect(try json.object()["error.code"] == "name.invalid")
        }
        #expect(try command.folder.contents() == before)
    }

    @Test("an argument that is not UTF-8 is refused, and shown with its bytes escaped")
    func undecodableArgument() async throws {
        let command = try await project()
        let script = #"exec "$0" create "$1" "$(printf 'a\377\033')" --type map"#
        let text = try await command.shell(script)
        #expect(text.status == 1)
        #expect(text.error.contains("  path: a\\xff\\u{1b}\n  remedy: "), "\(text.error)")
        let json = try await command.shell(script + " --json")
        #expect(json.status == 1)
        #expect(try json.object()["error.code"] == "name.invalid")
    }

    @Test("names on disk that are no text, or act on a terminal, are escaped")
    func oddNames() async throws {
        let command = try await project()
        _ = try await command.shell(
            #"mkdir "$1/assets/$(printf 'n\377')"; cp -r "$1/assets/palettes/day" "$1/assets/$(printf 'b\033[2J')""#)
        for arguments in [["list"], ["list", "--json"]] {
            let run = try await command.run([arguments[0], command.project] + arguments.dropFirst())
            #expect(run.status == 0)
            #expect(!(run.output + run.error).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
            #expect((run.output + run.error).contains(#"n\"#), "\(run.error)")
        }
        #expect(try await command("list").output.contains("b\\u{1b}[2J"))
    }

    @Test("a project that is not there is refused", arguments: commands.dropFirst().dropLast())
    func missingProject(name: String) async throws {
        let more =
            [
                "create": ["r", "--type", "map"], "relocate": ["1", "r"], "update": ["1", "--set", "name=x"],
                "list": [], "refresh": [], "watch": [], "trash": [], "conflicts": [], "apply": ["-"], "snapshot": [],
            ][name] ?? ["1"]
        let folder = try TemporaryFolder()
        for project in [folder.path, folder.path + "/nowhere"] {
            let run = try await Command(folder: folder).run([name, project] + more)
            #expect(run.status == 1)
            if name == "apply" {
                #expect(try run.object()["error.code"] == "workspace.missing")
                continue
            }
            #expect(run.error.contains("code: workspace.missing"), "\(run.error)")
            #expect(run.error.contains("path: \(project)"))
            #expect(run.error.contains("remedy: "))
        }
    }

    @Test(
        "a reader that goes away ends the command quietly",
        arguments: [
            #""$0" list "$1" --json | head -1"#,
            // The last event of a quiet project: no write will meet the closed pipe.
            #""$0" watch "$1" --json --for 600 | sed '/"inputs_verified":true/q'"#,
        ]
    )
    func brokenPipe(pipeline: String) async throws {
        let command = Command(folder: try Fixtures.make("generate_workspace.py", ["--assets", "1000"]))
        let run = try await command.shell("timeout 60 \(pipeline); exit ${PIPESTATUS[0]}")
        #expect(run.status == 0)
        #expect(run.error.isEmpty)
        #expect(!run.lines.isEmpty)
    }

    @Test("output that cannot be written is a failure", arguments: ["list", "list --json", "refresh", "--help"])
    func fullDisk(arguments: String) async throws {
        let command = try await project()
        let words = arguments.split(separator: " ")
        let place = arguments.hasPrefix("-") ? "" : "\"$1\""
        let run = try await command.shell("\"$0\" \(words[0]) \(place) \(words.dropFirst().joined()) > /dev/full")
        #expect(run.status == 1)
        #expect(run.error.contains("error: the output cannot be written: No space left on device"))
    }

    @Test(
        "colours are for a terminal, and NO_COLOR is kept",
        .enabled(if: Fixtures.has("script"), "needs script(1) for a terminal"),
        arguments: [("", true), ("1", false)]
    )
    func colours(noColour: String, expected: Bool) async throws {
        var command = try await project()
        command.environment = ["NO_COLOR": noColour, "TERM": "xterm"]
        let terminal = try await command.shell(#"script -qec "'$0' list '$1'" /dev/null"#)
        #expect(terminal.output.contains("\u{1b}[32mvalid\u{1b}[0m") == expected)
        let file = try await command("list")
        #expect(!file.output.contains("\u{1b}"))
        #expect(!file.error.contains("\u{1b}"))
    }

    @Test(
        "progress is for a terminal",
        .enabled(if: Fixtures.has("script"), "needs script(1) for a terminal")
    )
    func progress() async throws {
        // Opening it takes longer than the line is held back.
        let command = Command(folder: try Fixtures.make("generate_workspace.py", ["--assets", "4000"]))
        let terminal = try await command.shell(#"script -qec "'$0' refresh '$1'" /dev/null"#)
        #expect(terminal.output.contains("\r\u{1b}[2Kopening: "))
        #expect(terminal.output.contains("\r\u{1b}[2Kgeneration 2, "))
        #expect(try await command("refresh").error.isEmpty)
    }
}
