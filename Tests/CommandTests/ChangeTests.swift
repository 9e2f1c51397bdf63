import Foundation
import Packer
import PackerTestSupport
import Testing

@testable import prometeu_packer

@Suite("Changing assets")
struct ChangeTests {
    private let hero = "tiles/overworld"

    private func json(_ command: Command, _ arguments: String...) async throws -> JSONObject {
        try await command.run([arguments[0], command.project] + arguments.dropFirst() + ["--json"]).object()
    }

    @Test("a build is left and entered, and an asset goes out of the registry and comes back with a new id")
    func registry() async throws {
        let command = Command(folder: try Fixtures.game())
        #expect(try await json(command, "exclude", "1")["name"] == "exclude")
        #expect(try await json(command, "show", "1")["included_in_build"] == "false")
        _ = try await json(command, "include", hero)
        #expect(try await json(command, "show", "1")["included_in_build"] == "true")
        #expect(try await command("unregister", "1").output.contains("unregistered  1  tiles/overworld"))
        #expect(try await json(command, "show", hero)["registration"] == "unregistered")
        let registered = try await json(command, "register", hero, "--exclude")
        #expect(registered.all("assets[].id") != ["1"])
        #expect(try await json(command, "show", hero)["included_in_build"] == "false")
    }

    @Test("update changes what is set, and keeps every other byte")
    func update() async throws {
        let command = Command(folder: try Fixtures.game())
        let path = "assets/\(hero)/asset.json"
        let before = try command.folder.text(path)
        let run = try await command("update", "1", "--set", "output.codec=X=Y", "--set", "preload.enabled=false")
        #expect(run.status == 0, "\(run.error)")
        let after = try command.folder.text(path)
        #expect(after.contains(#""codec": "X=Y""#))
        #expect(LineDifference.lines(from: before, to: after).count { $0.hasPrefix("+") } <= 2)
        let inputs = try await command(
            "update", "1", "--input", "tiles=path.png", "--input", "more=a,b.png", "--input", "more=c.png")
        #expect(inputs.status == 0)
        let shown = try await json(command, "show", "1")
        #expect(shown.all("inputs[].path") == ["path.png", "a,b.png", "c.png"])
    }

    @Test("--set knows what a declaration can be told, but for its inputs")
    func settings() throws {
        let members = DeclarationChange.members.filter { !$0.hasPrefix("inputs") }
        #expect(DeclarationSetting.keys == members)
        let values = ["preload.enabled": "true"]
        for key in members {
            #expect(try DeclarationSetting.changes(["\(key)=\(values[key] ?? "x=y")"]).count == 1)
        }
    }

    @Test("what is deleted can be listed and put back with its identity, until the trash is emptied")
    func trash() async throws {
        let command = Command(folder: try Fixtures.game())
        let uuid = try #require(try await json(command, "show", "1")["uuid"])
        #expect(try await command("delete", "1").output.contains("deleted  1  tiles/overworld"))
        let listed = try await command("trash", "--json").objects()
        #expect(listed.map(\.kind) == ["deletion", "trash"])
        #expect(listed[0]["root"] == hero)
        #expect(listed[0].all("assets[].uuid") == [uuid])
        #expect(listed[1]["deletions"] == "1")
        for object in listed { #expect(try DocumentedKeys.disagreements(object) == []) }
        let text = try await command("trash")
        #expect(text.output.contains(uuid))
        #expect(text.error == "1 deletion, 1 asset\n")
        let restored = try await json(command, "restore", uuid, "--to", "tiles/back")
        #expect(restored.all("assets[].root") == ["tiles/back"])
        #expect(restored.all("assets[].id") == ["1"])
        _ = try await json(command, "delete", "tiles/back")
        #expect(try await json(command, "trash", "--empty")["name"] == "emptyTrash")
        #expect(try await json(command, "trash")["deletions"] == "0")
        #expect(try await json(command, "restore", "1")["error.code"] == "trash.unknown")
    }

    @Test("a copy gets an identity of its own")
    func reidentify() async throws {
        let command = Command(folder: try Fixtures.game())
        let uuid = try #require(try await json(command, "show", "1")["uuid"])
        try FileManager.default.copyItem(
            atPath: command.project + "/assets/\(hero)", toPath: command.project + "/assets/copy")
        let changed = try await json(command, "reidentify", "copy")
        #expect(changed.all("assets[].root") == ["copy"])
        #expect(changed.all("assets[].uuid") != [uuid])
        #expect(try await json(command, "reidentify", hero)["error.code"] == "asset.state")
    }

    static let previews = [
        ["create", "new", "--type", "map"], ["include", "1"], ["exclude", "1"], ["update", "1", "--set", "name=X"],
        ["relocate", "1", "moved"], ["unregister", "1"], ["delete", "tiles"], ["restore", "2"], ["register", "free"],
        ["reidentify", "copy"], ["trash", "--empty"],
    ]

    @Test("a preview shows what would be done, beside a writer too, and changes nothing", arguments: previews)
    func preview(arguments: [String]) async throws {
        let command = Command(folder: try Fixtures.game())
        _ = try await json(command, "delete", "2")
        _ = try await json(command, "exclude", "3")
        for copy in ["free", "copy"] {
            try FileManager.default.copyItem(
                atPath: command.project + "/assets/\(hero)", toPath: command.project + "/assets/\(copy)")
        }
        _ = try await json(command, "reidentify", "free")
        let writer = try await PackerProjectHold(command.folder)
        let before = try command.folder.contents()
        let words = [arguments[0], command.project] + arguments.dropFirst() + ["--preview"]
        let text = try await command.run(words)
        #expect(text.status == 0, "\(text.error)")
        #expect(text.output.contains("; nothing was done\n"))
        let object = try await command.run(words + ["--json"]).object()
        #expect(object.kind == "preview")
        #expect(object["can_be_applied"] == "true")
        #expect(object.all("changes[].change").isEmpty == (arguments[0] == "include"))
        #expect(try DocumentedKeys.disagreements(object) == [])
        #expect(try command.folder.contents() == before)
        await writer.close()
    }

    @Test("a preview of what cannot be done says why, and ends with 1")
    func blocked() async throws {
        let command = Command(folder: try Fixtures.game())
        let text = try await command("relocate", "1", "tiles/dungeon", "--preview")
        #expect(text.status == 1)
        #expect(text.error.contains("\n  path: tiles/dungeon\n  remedy: "), "\(text.error)")
        #expect(text.error.contains("code: root.occupied"))
        let run = try await command("relocate", "1", "tiles/dungeon", "--preview", "--json")
        #expect(run.status == 1)
        let object = try run.object()
        #expect(object["can_be_applied"] == "false")
        #expect(object.all("blockers[].code") == ["root.occupied"])
        #expect(try DocumentedKeys.disagreements(object) == [])
    }

    @Test("a preview warns of what the assets would say")
    func warned() async throws {
        let command = Command(folder: try Fixtures.game())
        let run = try await command("update", "1", "--input", "tiles=gone.png", "--preview")
        #expect(run.status == 0)
        #expect(run.output.contains(#"the input "gone.png" (tiles) is not there"#), "\(run.output)")
        let object = try await json(command, "update", "1", "--input", "tiles=gone.png", "--preview")
        #expect(object.all("warnings[].code") == ["input.missing"])
        #expect(try DocumentedKeys.disagreements(object) == [])
    }

    @Test(
        "the lines in which two texts differ are shown as diff(1) does",
        arguments: [
            (nil, "a\nb\n", ["@@ -0,0 +1,2 @@", "+a", "+b"]), ("a\n", nil, ["@@ -1 +0,0 @@", "-a"]), ("a", "a", []),
            ("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nx\n", ["@@ -3,4 +3,4 @@", " 3", " 4", " 5", "-6", "+x"]),
            (
                "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
                [
                    "@@ -1,4 +1,4 @@", "-a", "+A", " 1", " 2", " 3", "@@ -6,4 +6,4 @@", " 5", " 6", " 7", "-b", "+B",
                ]
            ),
        ] as [(String?, String?, [String])]
    )
    func difference(old: String?, new: String?, lines: [String]) {
        #expect(LineDifference.lines(from: old, to: new) == lines)
    }

    @Test("conflicts of an earlier session are listed until somebody removes what was kept")
    func conflicts() async throws {
        let command = Command(folder: try Fixtures.game())
        #expect(try await json(command, "conflicts")["total"] == "0")
        let operation = "0123456789abcdef0123456789abcdef"
        let kept = "assets/.prometeu/conflicts/\(operation)/tiles/overworld/asset.json"
        try command.folder.write("{}", to: kept)
        let listed = try await command("conflicts", "--json").objects()
        #expect(listed.map(\.kind) == ["conflict", "conflicts"])
        #expect(listed[0]["path"] == "tiles/overworld/asset.json")
        #expect("assets/" + (listed[0]["kept_at"] ?? "") == kept)
        #expect(listed[0]["event"] == "null")
        for object in listed { #expect(try DocumentedKeys.disagreements(object) == []) }
        let text = try await command("conflicts")
        #expect(text.output.contains("tiles/overworld/asset.json"))
        #expect(text.error.contains("copy back what is wanted, and remove the kept file"))
        try command.folder.remove(kept)
        #expect(try await json(command, "conflicts")["total"] == "0")
    }
}
