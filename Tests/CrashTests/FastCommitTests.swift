import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("ext4 with fast commits")
struct FastCommitTests {
    private static func kind(_ features: String) -> CutDisk.Kind {
        CutDisk.Kind(
            name: "ext4", megabytes: 32, format: ["mkfs.ext4", "-q", "-E", "nodiscard", "-O", features])
    }

    @Test(
        "is refused for writing with the reason, and opens read-only; without them it opens",
        .enabled(if: CutDisk.Kind.ext4.obstacle == nil, "\(CutDisk.Kind.ext4.obstacle ?? "")"))
    func refused() async throws {
        for features in ["fast_commit", "^fast_commit"] {
            let disk = try CutDisk(Self.kind(features))
            try disk.mount()
            let folder = TemporaryFolder(at: disk.path)
            try folder.write(
                "{\"schema_version\":1,\"next_asset_id\":1,\"assets\":[\n]}\n", to: "assets/.prometeu/index.json")
            do throws(PackerError) {
                let project = try await PackerProject.open(folder)
                await project.close()
                #expect(features == "^fast_commit", "it opened for writing")
            } catch {
                #expect(features == "fast_commit" && error.code == .readOnly && error.message.contains("fast_commit"))
                let project = try await PackerProject.open(folder, .readOnly)
                await project.close()
            }
            try disk.unmount()
        }
    }

    @Test(
        "are told by what the kernel counts",
        arguments: [
            ("fc stats:\n0 commits\n0 ineligible\n0 numblks\n0us avg_commit_time\nIneligible reasons:\n", false),
            ("fc stats:\n12 commits\n0 ineligible\n31 numblks\n9us avg_commit_time\nIneligible reasons:\n", true),
            ("fc stats:\n0 commits\n0 ineligible\n\"Cross rename\":\t0\n", false),
            ("fc stats:\n0 commits\n0 ineligible\n\"Cross rename\":\t1\n", true),
            ("", false), ("commits\n commits\n\"Cross rename\":", false),
        ])
    func counts(info: String, uses: Bool) { #expect(LinuxDisk.hasFastCommits(info) == uses) }
}
