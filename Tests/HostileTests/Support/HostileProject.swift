import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// A project with two healthy assets, and a folder beside it that nothing may read or write.
struct HostileProject {
    static let secret = "a name that stands outside of the workspace"

    let folder: TemporaryFolder
    let victim: AssetRoot
    let other: AssetRoot
    private let outside: [String: [UInt8]]

    /// Made once, and copied for each test: what is made by commits is flushed.
    private static let template = Task { try await makeTemplate() }

    init() async throws {
        let template = try await Self.template.value
        folder = try TemporaryFolder()
        victim = try AssetRoot(validating: "group/victim")
        other = try AssetRoot(validating: "other")
        for part in ["assets", "outside"] {
            try FileManager.default.copyItem(atPath: template.path + "/" + part, toPath: folder.path + "/" + part)
        }
        outside = try folder.contents(except: ["assets"])
    }

    private static func makeTemplate() async throws -> TemporaryFolder {
        let folder = try Fixtures.empty()
        try folder.write("input", to: "assets/group/victim/in.bin")
        try folder.write("input", to: "assets/other/in.bin")
        let project = try await PackerProject.open(folder)
        for root in [try AssetRoot(validating: "group/victim"), try AssetRoot(validating: "other")] {
            let inputs = [Declaration.InputRole(role: "source", paths: ["in.bin"])]
            _ = try await project.submit(.create(NewAsset(root: root, type: .data, inputs: inputs))).result
        }
        await project.close()
        // What a walk through a link would find: an asset, a folder with one, and names of the control folder.
        let declaration = try folder.text("assets/group/victim/asset.json")
            .replacingOccurrences(of: "\"victim\"", with: "\"\(Self.secret)\"")
        for place in ["asset.json", "victim/asset.json", "group/victim/asset.json"] {
            try folder.write(declaration, to: "outside/" + place)
        }
        for place in ["in.bin", "victim/in.bin", "index.json", "journal", "shadow/file", "00000000-0-0"] {
            try folder.write("outside", to: "outside/" + place)
        }
        return folder
    }

    /// Beneath `assets/`.
    func path(_ relative: String) -> String { folder.path + "/assets/" + relative }

    func text(_ relative: String) throws -> String { try folder.text("assets/" + relative) }

    /// In the place of what stands there.
    func replace(_ relative: String, _ make: (String) throws -> Void) throws {
        try? folder.remove("assets/" + relative)
        try make(path(relative))
    }

    func open(
        _ access: PackerOptions.Access = .readWrite, faults: (any FaultInjector)? = nil
    ) async throws(PackerError) -> PackerProject {
        try await PackerProject.open(
            folder.path, options: PackerOptions(access: access, settleTime: .zero), sink: EventRecorder(),
            disk: LinuxDisk(faults: faults)
        )
    }

    /// Nothing outside was written, and nothing of it stands in the snapshot.
    func expectNothingOutside(_ snapshot: Snapshot?, _ label: Comment, _ location: SourceLocation = #_sourceLocation) {
        #expect((try? folder.contents(except: ["assets"])) == outside, label, sourceLocation: location)
        guard let snapshot else { return }
        #expect(!snapshot.text.contains { $0.contains(Self.secret) }, label, sourceLocation: location)
    }
}

/// What is wrong, as a test compares it.
struct Told: Hashable, CustomStringConvertible {
    var code: String
    var path: String

    init(_ code: DiagnosticCode, _ path: String) {
        self.code = code.rawValue
        self.path = path
    }

    init(_ diagnostic: Diagnostic) { self.init(diagnostic.code, diagnostic.path) }

    var description: String { "\(code) at \(path)" }
}

/// Does something at one of all calls that go through the disk, counted from 0.
final class ActAt: FaultInjector {
    private let state: Guarded<Int>
    private let number: Int
    private let isCounted: @Sendable (FaultPoint) -> Bool
    private let action: @Sendable () -> Void

    init(
        _ number: Int, where isCounted: @escaping @Sendable (FaultPoint) -> Bool,
        _ action: @escaping @Sendable () -> Void
    ) {
        self.number = number
        self.isCounted = isCounted
        self.action = action
        state = Guarded(0)
    }

    var count: Int { state.withLock { $0 } }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard isCounted(point) else { return .proceed }
        let now = state.withLock { count in
            count += 1
            return count - 1
        }
        if now == number { action() }
        return .proceed
    }
}

/// The memory of this process.
enum Memory {
    /// The largest resident size since `forgetPeak`, in MiB; nil where the kernel does not say.
    static var peak: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 / 1024 }
    }

    /// proc(5): 5 in `clear_refs` sets the peak back to what is used now.
    static func forgetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        file.write(Data("5".utf8))
    }
}
