import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// Refuses to open one folder but for the first time.
private final class RefuseAgain: FaultInjector {
    private let path: BytePath
    private let opened = Guarded(0)

    init(_ path: BytePath) { self.path = path }

    var refused: Int { opened.withLock { max(0, $0 - 1) } }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard point.name == "packer.scan.folder", path == self.path else { return .proceed }
        return opened.withLock { opened in
            opened += 1
            return opened == 1 ? .proceed : .fail(EMFILE)
        }
    }
}

@Suite("A walk of folders that are read together")
struct ScanTests {
    private static func project(_ count: Int) throws -> TemporaryFolder {
        let folder = try Fixtures.empty()
        for number in 0..<count {
            let uuid = "00000000-0000-4000-8000-" + String(format: "%012x", number)
            try folder.write(
                "{\"schema_version\": 1, \"asset_uuid\": \"\(uuid)\", \"name\": \"n\", \"type\": \"data\", "
                    + "\"inputs\": {}, \"output\": {\"format\": \"DATA/raw\", \"codec\": \"NONE\"}}",
                to: "assets/many/a\(number)/asset.json")
        }
        return folder
    }

    private func roots(_ project: PackerProject) -> Set<String> {
        var roots: Set<String> = []
        project.snapshot.forEachAsset { roots.insert($0.root.path).inserted && $0.declaration != nil }
        return roots
    }

    @Test("reads each folder once, however many there are", arguments: [1, 3, 4, 31, 32, 33, 100])
    func all(count: Int) async throws {
        let project = try await PackerProject.open(try Self.project(count))
        #expect(project.snapshot.count == count)
        #expect(roots(project) == Set((0..<count).map { "many/a\($0)" }))
        await project.close()
    }

    @Test("reads them one by one where the folder that holds them cannot be opened again")
    func refused() async throws {
        let folder = try Self.project(40)
        let faults = RefuseAgain("many")
        let project = try await PackerProject.open(
            folder.path, options: PackerOptions(), sink: EventRecorder(), disk: LinuxDisk(faults: faults))
        #expect(faults.refused > 0)
        #expect(roots(project) == Set((0..<40).map { "many/a\($0)" }))
        await project.close()
    }
}
