import Foundation
import LinuxFiles
import Testing

@testable import TreeMonitor

extension TreeMonitorTests {
    @Suite("watching")
    struct Watching {
        @Test("the first walk arms every folder, and only then says that the watch is complete")
        func firstWalk() async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a/b")
            try folder.makeFolder("c")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            let said = await recorder.settle(watch)
            #expect(said.first == .coverage(.arming))
            #expect(said.last == .coverage(.complete))
            #expect(said.armed.sorted() == [.root, "a", "a/b", "c"])
            watch.stop()
        }

        @Test("every way to change a file is reported", arguments: FileChange.allCases)
        func fileChange(_ change: FileChange) async throws {
            let folder = try TemporaryFolder()
            try folder.makeFolder("a")
            try folder.write("a/old")
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            let path = try change.make(in: folder)
            #expect(await recorder.settle(watch).changed.contains(path))
            watch.stop()
        }

        enum FileChange: CaseIterable {
            case create, write, append, truncate, delete, renameOver, renameAway, chmod, touch, symlink, link, mapped

            func make(in folder: TemporaryFolder) throws -> BytePath {
                let old = folder.full("a/old")
                switch self {
                case .create: try folder.write("a/new")
                case .write: try folder.write("a/old", "other")
                case .append:
                    let file = try #require(fopen(old, "a"))
                    fputs("more", file)
                    fclose(file)
                case .truncate: try #require(Glibc.truncate(old, 0) == 0)
                case .delete: try #require(unlink(old) == 0)
                case .renameOver:
                    try folder.write("a/other")
                    try folder.rename("a/other", "a/old")
                case .renameAway: try folder.rename("a/old", "b")
                case .chmod: try #require(Glibc.chmod(old, 0o755) == 0)
                case .touch: try #require(utimensat(AT_FDCWD, old, nil, 0) == 0)
                case .symlink: try #require(Glibc.symlink("/etc", folder.full("a/new")) == 0)
                case .link: try #require(Glibc.link(old, folder.full("a/new")) == 0)
                case .mapped:
                    let file = Glibc.open(old, O_RDWR)
                    let memory = mmap(nil, 1, PROT_WRITE, MAP_SHARED, file, 0)
                    memory?.storeBytes(of: 65, as: UInt8.self)
                    munmap(memory, 1)
                    close(file)
                }
                switch self {
                case .create, .symlink, .link: return "a/new"
                default: return "a/old"
                }
            }
        }

        @Test("a folder made with a file inside at once is reported, however deep")
        func deepFolder() async throws {
            let folder = try TemporaryFolder()
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            _ = await recorder.settle(watch)
            for round in 0..<50 {
                let deep = "n\(round)/a/b/c/d"
                try folder.makeFolder(deep)
                try folder.write("\(deep)/file")
                #expect(await recorder.settle(watch).cover(BytePath("\(deep)/file")))
                try folder.write("\(deep)/file", "later")
                #expect(await recorder.settle(watch).changed.contains(BytePath("\(deep)/file")))
            }
            watch.stop()
        }

        @Test("a folder that was deleted and made again goes on being watched")
        func recreated() async throws {
            let folder = try TemporaryFolder()
            let recorder = Recorder()
            let watch = try recorder.watch(folder)
            for _ in 0..<50 {
                try folder.makeFolder("a/b")
                try folder.remove("a")
                try folder.makeFolder("a/b")
                _ = await recorder.settle(watch)
                try folder.write("a/b/file")
                #expect(await recorder.settle(watch).changed.contains("a/b/file"))
                try folder.remove("a")
            }
            watch.stop()
        }
    }
}
