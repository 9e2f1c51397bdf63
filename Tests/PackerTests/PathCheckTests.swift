import LinuxFiles
import PackerModel
import PackerTestSupport
import Testing

@testable import Packer

/// What stands on disk right before a commit, where the watch has not told of it yet.
@Suite("A file that a plan counts on")
struct PathCheckTests {
    @Test(
        "is refused as what stands in its way, and as an edit only where it is one",
        arguments: [
            ("nothing", nil), ("edit", .diverged), ("removal", .diverged), ("no folder", .diverged),
            ("link", .diverged), ("link on the way", .pathInvalid), ("file on the way", .pathInvalid),
        ] as [(String, PackerError.Code?)])
    func file(what: String, code: PackerError.Code?) throws {
        let folder = try TemporaryFolder()
        try folder.write("text", to: "a/b/asset.json")
        try folder.write("text", to: "elsewhere/asset.json")
        let disk = LinuxDisk()
        let top = try disk.openTop(folder.path)
        let check = PathCheck(assets: top, disk: disk)
        let file = try disk.open("a/b/asset.json", in: top, .read, at: PackerPoint.checkPath)
        var fingerprint = Fingerprint(try disk.status(of: file, at: PackerPoint.checkPath))
        fingerprint.digest = Fingerprint.Digest(ContentDigest(of: Array("text".utf8)))
        func run(_ script: String) throws { try Fixtures.run("/bin/sh", ["-euc", script], in: folder.path) }
        switch what {
        case "edit": try folder.write("other text", to: "a/b/asset.json")
        case "removal": try run("rm a/b/asset.json")
        case "no folder": try run("rm -r a")
        case "link": try run("ln -sf ../../elsewhere/asset.json a/b/asset.json")
        case "link on the way": try run("rm -r a/b && ln -s ../elsewhere a/b")
        case "file on the way": try run("rm -r a && touch a")
        default: break
        }
        // What is read anyway right before it is edited is not looked at when that is planned.
        try check.require([.edited("a/b/asset.json", fingerprint)], looksAhead: false)
        for way in 0..<3 {
            do throws(PackerError) {
                switch way {
                case 0: try check.require([.file("a/b/asset.json", fingerprint)], looksAhead: false)
                case 1: try check.require([.edited("a/b/asset.json", fingerprint)], looksAhead: true)
                default: _ = try check.contents(of: "a/b/asset.json", expecting: fingerprint)
                }
                #expect(code == nil)
            } catch {
                #expect(error.code == code, "\(error)")
                #expect(error.paths == ["a/b/asset.json"] || code == .pathInvalid)
            }
        }
    }
}
