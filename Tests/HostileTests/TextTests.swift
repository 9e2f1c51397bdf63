import Foundation
import Packer
import PackerTestSupport
import Testing

/// Swift's strings take canonical equivalents for equal and a combining mark for a part of what is before it; files and
/// JSON are bytes.
@Suite("Texts that look alike, and marks that combine")
struct TextTests {
    static let composed = "\u{e9}"
    static let decomposed = "e\u{301}"

    @Test(
        "a change from one form of a text to the other is written",
        arguments: [(composed, decomposed), (decomposed, composed)])
    func forms(_ old: String, _ new: String) async throws {
        let hostile = try await HostileProject()
        for name in [old, new] { try hostile.folder.write(name, to: "assets/group/victim/" + name) }
        let project = try await hostile.open()
        let asset = AssetReference.root(hostile.victim)
        let set = { (text: String) -> [DeclarationChange] in
            [.name(text), .outputCodec(text), .inputs([Declaration.InputRole(role: text, paths: [text])])]
        }
        _ = try await project.submit(.update(asset, set(old))).result
        _ = try await project.submit(.update(asset, set(new))).result
        let declaration = try #require(project.snapshot.asset(at: hostile.victim)?.declaration)
        for text in [
            declaration.name, declaration.output.codec, declaration.inputs[0].role, declaration.inputs[0].paths[0],
        ] {
            #expect(Array(text.utf8) == Array(new.utf8))
        }
        #expect(try !hostile.text("group/victim/asset.json").utf8.containsBytes(old.utf8))
        await project.close()
    }

    @Test("two inputs that differ in composition alone are told apart, and each flag clears by itself")
    func inputs() async throws {
        let hostile = try await HostileProject()
        let names = [Self.composed, Self.decomposed]
        for name in names { try hostile.folder.write("as it was, \(name)", to: "assets/group/victim/" + name) }
        try hostile.declareInputs(names)
        let project = try await hostile.open()
        await project.settled()
        #expect(project.divergences.divergences == [])
        for name in names {
            let place = "assets/group/victim/" + name
            let before = try hostile.folder.read(place)
            try hostile.folder.write("another", to: place)
            await project.settled()
            #expect(
                project.divergences.divergences.map { Array($0.path.utf8) } == [Array(("group/victim/" + name).utf8)])
            try hostile.folder.write(before, to: place)
            await project.settled()
            #expect(project.divergences.divergences == [], "the digest of the other one was compared")
        }
        await project.close()
    }

    @Test("declarations that appear at two forms of one name are flagged one by one")
    func appeared() async throws {
        let hostile = try await HostileProject()
        try FileManager.default.createDirectory(atPath: hostile.path("new"), withIntermediateDirectories: true)
        let project = try await hostile.open()
        await project.settled()
        for name in [Self.composed, Self.decomposed] { try hostile.declare("new/" + name) }
        await project.settled()
        #expect(project.divergences.divergences.count == 2)
        try hostile.folder.move("assets/new", to: "assets/newer")
        await project.settled()
        #expect(project.divergences.divergences.allSatisfy { $0.path.hasPrefix("newer/") })
        #expect(project.divergences.divergences.count == 2)
        try hostile.folder.remove("assets/newer/" + Self.decomposed)
        await project.settled()
        #expect(
            project.divergences.divergences.map { Array($0.path.utf8) } == [
                Array("newer/\(Self.composed)/asset.json".utf8)
            ])
        await project.close()
    }

    @Test(
        "a root or role that starts with a combining mark comes through a mutation's JSON",
        arguments: [
            #"{"do":"delete","asset":"root:\u0301a"}"#,
            #"{"do":"update","asset":"id:1","set":{"inputs.\u0301a":["b"]}}"#,
        ]
    )
    func mutation(_ text: String) throws {
        let mutation = try JSONDecoder().decode(Mutation.self, from: Data(text.utf8))
        let again = try JSONDecoder().decode(Mutation.self, from: JSONEncoder().encode(mutation))
        #expect(again == mutation)
        if case .delete(.root(let root)) = mutation { #expect(Array(root.path.utf8) == Array("\u{301}a".utf8)) }
    }
}

extension String.UTF8View {
    fileprivate func containsBytes(_ part: String.UTF8View) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}
