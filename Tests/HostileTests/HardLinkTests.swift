import Foundation
import Packer
import PackerTestSupport
import Testing

@Suite("Files with more than one name")
struct HardLinkTests {
    @Test(
        "a declaration that has a second name elsewhere is changed at its place alone, and the other name keeps its bytes"
    )
    func declaration() async throws {
        let hostile = try await HostileProject()
        let elsewhere = hostile.folder.path + "/elsewhere"
        let before = try hostile.text("group/victim/asset.json")
        #expect(link(hostile.path("group/victim/asset.json"), elsewhere) == 0)
        let project = try await hostile.open()
        #expect(project.snapshot.allDiagnostics == [])
        _ = try await project.submit(.update(.root(hostile.victim), [.name("Ours")])).result
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
        #expect(try String(contentsOfFile: elsewhere, encoding: .utf8) == before)
        #expect(try hostile.text("group/victim/asset.json").contains("Ours"))
        let again = try await hostile.open()
        #expect(again.snapshot.asset(at: hostile.victim)?.name == "Ours")
        #expect(again.conflicts.map(\.path) == ["group/victim/asset.json"])
        await again.close()
    }

    @Test("one file as the declarations of two assets is a uuid that stands twice, and each can be mended")
    func twoAssets() async throws {
        let hostile = try await HostileProject()
        try FileManager.default.createDirectory(atPath: hostile.path("copy"), withIntermediateDirectories: true)
        for name in ["asset.json", "in.bin"] {
            #expect(link(hostile.path("group/victim/" + name), hostile.path("copy/" + name)) == 0)
        }
        let copy = try AssetRoot(validating: "copy")
        let project = try await hostile.open()
        #expect(project.snapshot.asset(at: copy)?.diagnostics.contains { $0.code == .assetDuplicateUUID } == true)
        let original = try hostile.text("group/victim/asset.json")
        _ = try await project.submit([.reidentify(.root(copy)), .register(.root(copy))]).result
        #expect(try hostile.text("group/victim/asset.json") == original)
        #expect(project.snapshot.allDiagnostics == [])
        await project.settled()
        #expect(project.divergences.divergences == [])
        await project.close()
    }

    @Test("a write to an input through its other name is flagged, or at the latest found by a refresh")
    func input() async throws {
        let hostile = try await HostileProject()
        let elsewhere = hostile.folder.path + "/elsewhere"
        #expect(link(hostile.path("group/victim/in.bin"), elsewhere) == 0)
        let project = try await hostile.open()
        await project.settled()
        try Data("longer than it was".utf8).write(to: URL(fileURLWithPath: elsewhere), options: [])
        _ = try await project.refresh(.asset(.root(hostile.victim))).result
        #expect(project.snapshot.asset(at: hostile.victim)?.inputs.first?.size == 18)
        await project.close()
    }
}
