import Foundation
import PackerTestSupport
import Testing

@Suite("The command")
struct CommandTests {
    /// A project with one good asset, one with a missing input and one that is broken.
    private func game() async throws -> Command {
        let command = Command(folder: try TemporaryFolder())
        try command.folder.write("12345", to: "hero/a.png")
        #expect(try await command("init").status == 0)
        try FileManager.default.createDirectory(
            atPath: command.project + "/assets/sprites", withIntermediateDirectories: true
        )
        try command.folder.move("hero", to: "assets/sprites/hero")
        let made = try await command(
            "create", "sprites/hero", "--type", "tile_bank", "--name", "The Hero", "--input", "tiles=a.png", "--input",
            "tiles=b.png"
        )
        #expect(made.status == 0, "\(made.error)")
        #expect(try await command("create", "maps/town", "--type", "map", "--exclude", "--preload").status == 0)
        try command.folder.write("{\n  \"schema_version\": 1,\n  !\n}\n", to: "assets/odd/asset.json")
        return command
    }

    @Test("init makes a workspace once, and refuses where there is one")
    func initialise() async throws {
        let command = Command(folder: try TemporaryFolder())
        let first = try await command("init", "--json")
        #expect(first.status == 0)
        #expect(try first.object()["project"] == command.project)
        #expect(command.folder.exists("assets/.prometeu/index.json"))
        let second = try await command("init")
        #expect(second.status == 1)
        #expect(second.error.contains("code: workspace.exists"))
        #expect(second.error.contains("path: \(command.project)/assets"))
        #expect(try await command.run(["init", command.project + "/nowhere"]).status == 1)
    }

    @Test("list shows every asset in the order of the roots, with its state")
    func list() async throws {
        let command = try await game()
        let run = try await command("list")
        #expect(run.status == 0)
        let rows = run.lines.map { $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init) }
        #expect(
            rows == [
                ["ID", "ROOT", "TYPE", "REGISTRATION", "VALIDITY", "BUILD", "INPUTS", "SIZE", "DIAGNOSTICS"],
                ["2", "maps/town", "map", "registered", "valid", "excluded", "0", "0", "B"],
                ["-", "odd", "-", "unregistered", "invalid", "excluded", "0", "0", "B", "1", "error,", "1", "warning"],
                ["1", "sprites/hero", "tile_bank", "registered", "invalid", "included", "2", "5", "B", "1", "error"],
            ]
        )
        #expect(run.error == "3 of 3 assets\n")
        let columns = run.lines.map { $0.range(of: "invalid")?.lowerBound.utf16Offset(in: $0) }.compactMap(\.self)
        #expect(Set(columns).count == 1)
    }

    @Test(
        "list keeps to what was asked for",
        arguments: [
            (["--registration", "unregistered"], ["odd"]), (["--validity", "valid"], ["maps/town"]),
            (["--type", "tile_bank"], ["sprites/hero"]), (["--included"], ["sprites/hero"]),
            (["--excluded"], ["maps/town", "odd"]), (["--text", "THE HERO"], ["sprites/hero"]),
            (["--limit", "2"], ["maps/town", "odd"]), (["--validity", "invalid", "--included", "--type", "map"], []),
        ] as [([String], [String])]
    )
    func filters(arguments: [String], roots: [String]) async throws {
        let command = try await game()
        let objects = try await command.run(["list", command.project, "--json"] + arguments).objects()
        #expect(objects.filter { $0.kind == "asset" }.compactMap { $0["root"] } == roots)
        let last = try #require(objects.last)
        #expect(last.kind == "list")
        #expect(last["shown"] == "\(roots.count)")
        #expect(last["total"] == "3")
        #expect(last["has_more"] == (arguments.contains("--limit") ? "true" : "false"))
    }

    @Test("show tells the declaration, the inputs and every diagnostic with its place and remedy")
    func show() async throws {
        let command = try await game()
        let hero = try await command("show", "1")
        #expect(hero.status == 0)
        for part in [
            "sprites/hero", "The Hero", "TILES/indexed_v1", "a.png", "5 B", "missing", "[input.missing]", "remedy: ",
        ] {
            #expect(hero.output.contains(part), "\(part)")
        }
        let odd = try await command("show", "odd")
        #expect(odd.output.contains("error: odd/asset.json:3:3: "), "\(odd.output)")
        let object = try await command("show", "root:odd", "--json").object()
        #expect(object.all("diagnostics[].line").contains("3"))
        #expect(object.all("diagnostics[].column").contains("3"))
        #expect(object["declaration"] == "null")
        let uuid = try #require(try await command("show", "1", "--json").object()["uuid"])
        #expect(try await command("show", uuid, "--json").object()["id"] == "1")
    }

    @Test("what names no asset is refused", arguments: ["9", "nowhere", "..", "", "id:x", "uuid:1"])
    func unknownAsset(reference: String) async throws {
        let command = try await game()
        let run = try await command("show", reference, "--json")
        #expect(run.status == 1)
        #expect(try run.object()["error.code"] == "asset.unknown")
    }

    @Test("create and relocate change the disk, and an identity stays")
    func writes() async throws {
        let command = try await game()
        let moved = try await command("relocate", "maps/town", "levels/one", "--json").object()
        #expect(moved["name"] == "relocate")
        #expect(moved.all("assets[].root") == ["levels/one"])
        #expect(moved.all("assets[].id") == ["2"])
        #expect(command.folder.exists("assets/levels/one/asset.json"))
        #expect(!command.folder.exists("assets/maps/town"))
        let text = try await command("relocate", "2", "levels/two")
        #expect(text.output.contains("relocated  2  levels/two"), "\(text.output)")
        let shown = try await command("show", "2", "--json").object()
        #expect(shown["declaration.preload_enabled"] == "true")
        #expect(shown["included_in_build"] == "false")
    }

    @Test("refresh reads the project, and one asset")
    func refresh() async throws {
        let command = try await game()
        let all = try await command("refresh", "--json").object()
        #expect(all["name"] == "refresh")
        #expect(all["total"] == "3")
        #expect(all["errors"] == "2")
        let one = try await command("refresh", "sprites/hero", "--json").object()
        #expect(one.all("assets[].root") == ["sprites/hero"])
        #expect(try await command("refresh").output.contains("3 assets, 2 errors, 1 warning"))
        #expect(try await command("refresh", "nowhere").status == 1)
    }

    @Test("the workspace's own diagnostics are told before the assets")
    func brokenRegistry() async throws {
        let command = try await game()
        try command.folder.write("{\"schema_version\": 99}", to: "assets/.prometeu/index.json")
        let text = try await command("list")
        #expect(text.status == 0)
        #expect(text.error.contains("error: .prometeu/index.json:1:20: "), "\(text.error)")
        #expect(try await command("list", "--json").objects().first?["code"] == "registry.newerSchema")
        let refused = try await command("create", "new", "--type", "map", "--json")
        #expect(refused.status == 1)
        #expect(try refused.objects().last?["error.code"] == "project.readOnly")
    }

    @Test("readers work beside a writer, a second writer is refused with the owner's name")
    func besideAWriter() async throws {
        let command = try await game()
        let writer = try await PackerProjectHold(command.folder)
        #expect(try await command("list").status == 0)
        #expect(try await command("show", "1").status == 0)
        #expect(try await command("watch", "--until-settled").status == 0)
        for arguments in [["create", "x", "--type", "map"], ["relocate", "1", "x"], ["refresh"]] {
            var arguments = arguments
            arguments.insert(command.project, at: 1)
            let run = try await command.run(arguments)
            #expect(run.status == 1)
            #expect(run.error.contains("code: workspace.inUse"), "\(run.error)")
            #expect(run.error.contains(String(getpid())), "\(run.error)")
        }
        await writer.close()
        #expect(try await command("refresh").status == 0)
    }

    @Test("every object of every command has the documented keys, and no other")
    func documentedKeys() async throws {
        let command = try await game()
        try FileManager.default.createSymbolicLink(
            atPath: command.project + "/assets/link", withDestinationPath: "/nowhere"
        )
        var objects: [JSONObject] = []
        for arguments in [
            ["list"], ["show", "1"], ["show", "odd"], ["create", "new", "--type", "map"], ["relocate", "new", "newer"],
            ["refresh"], ["watch", "--until-settled"], ["show", "nothing"],
        ] {
            var arguments = arguments + ["--json"]
            arguments.insert(command.project, at: 1)
            objects += try await command.run(arguments).objects()
        }
        objects += try await Command(folder: try TemporaryFolder())("init", "--json").objects()
        for object in objects { #expect(try DocumentedKeys.disagreements(object) == []) }
        #expect(
            Set(objects.map(\.kind)) == [
                "workspace", "diagnostic", "asset", "list", "asset_details", "operation", "state", "error",
            ]
        )
    }
}
