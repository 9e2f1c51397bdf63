import LinuxFiles
import Packer
import PackerTestSupport
import Testing

@Suite("A reader's own hold on the newest snapshot")
struct SnapshotReaderTests {
    @Test("a reader stays at its snapshot until it updates, and is then at the newest")
    func updates() async throws {
        let folder = try Fixtures.empty()
        let project = try await PackerProject.open(folder.path, sink: EventRecorder())
        // What cannot be copied cannot stand in an expectation.
        var reader = project.reader()
        let first = reader.snapshot
        let isNewerAtOnce = reader.update()
        #expect(!isNewerAtOnce)
        for name in ["one", "two"] {
            _ = try await project.submit(.create(NewAsset(root: try AssetRoot(validating: name), type: .data))).result
        }
        let held = reader.snapshot
        #expect(held === first)
        let isNewer = reader.update()
        let newest = reader.snapshot
        #expect(isNewer)
        #expect(newest === project.snapshot)
        #expect(newest.generation == first.generation + 2)
        let isNewerStill = reader.update()
        #expect(!isNewerStill)
        await project.close()
        #expect(newest.count == 2)
    }

    @Test("readers beside a writer see each generation whole, and never an older one after a newer one")
    func underWrites() async throws {
        let folder = try Fixtures.empty()
        let project = try await PackerProject.open(folder.path, sink: EventRecorder())
        let roots = try ["left", "right"].map { try AssetRoot(validating: $0) }
        for root in roots { _ = try await project.submit(.create(NewAsset(root: root, name: "0", type: .data))).result }
        let isOver = Guarded(false)
        let torn = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var reader = project.reader()
                    var wrong = 0
                    var last = reader.snapshot.generation
                    while !isOver.withLock({ $0 }) {
                        reader.update()
                        let names = roots.map { reader.snapshot.asset(at: $0)?.name }
                        if names[0] != names[1] || reader.snapshot.generation < last { wrong += 1 }
                        last = reader.snapshot.generation
                        await Task.yield()
                    }
                    reader.update()
                    return reader.snapshot.generation == project.snapshot.generation ? wrong : wrong + 1
                }
            }
            for number in 1...60 {
                let both = roots.map { Mutation.update(.root($0), [.name("\(number)")]) }
                _ = try? await project.submit(both).result
            }
            isOver.withLock { $0 = true }
            return await group.reduce(0, +)
        }
        #expect(torn == 0)
        #expect(project.snapshot.asset(at: roots[0])?.name == "60")
        await project.close()
    }
}
