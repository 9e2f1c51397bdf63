import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// A foreign edit in the middle of a commit.
enum InstantEdit: String, CaseIterable {
    case declaration, replacedDeclaration, input, otherAsset, registry

    static let marker = "FOREIGN-EDIT"

    /// Writes at the first of the places that is there.
    func make(_ assets: String, _ command: InstantCommand) {
        let places: [String] =
            switch self {
            case .declaration, .replacedDeclaration: command.roots.map { $0 + "/asset.json" }
            case .input: command.roots.map { $0 + "/wall.png" }
            case .otherAsset: ["tiles/castle/asset.json"]
            case .registry: [".prometeu/index.json"]
            }
        let paths = places.map { assets + "/" + $0 }
        let path = paths.first { access($0, F_OK) == 0 } ?? paths[paths.count - 1]
        let folder = BytePath(path).parent
        for folder in [folder.parent, folder] { folder.withCString { _ = mkdir($0, 0o755) } }
        let target = self == .replacedDeclaration ? path + "~" : path
        let file = open(target, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        _ = write(file, Self.marker, Self.marker.utf8.count)
        close(file)
        if self == .replacedDeclaration { rename(target, path) }
    }
}

enum InstantCommand: String, CaseIterable {
    case create, relocate

    /// Where the asset stands, before and after.
    var roots: [String] {
        switch self {
        case .create: ["own/made"]
        case .relocate: ["tiles/dungeon", "tiles/cellar"]
        }
    }

    func mutation() throws -> Mutation {
        switch self {
        case .create: .create(NewAsset(root: try AssetRoot(validating: roots[0]), type: .data))
        case .relocate:
            .relocate(.root(try AssetRoot(validating: roots[0])), to: try AssetRoot(validating: roots[1]))
        }
    }
}

/// Makes an edit when the lane reaches its n-th system call.
private final class EditAt: FaultInjector {
    private struct State {
        var left = 0
        var edit: (@Sendable () -> Void)?
        var isMade = false
    }

    private let state = Guarded(State())

    func arm(_ number: Int, _ edit: @escaping @Sendable () -> Void) {
        state.withLock { $0 = State(left: number, edit: edit) }
    }

    /// Whether the edit was made, for which a checkpoint in the background gets a moment; it never is after that.
    func end() -> Bool {
        state.wait(until: MonotonicClock.now() + 200_000_000) { $0.isMade ? true : nil }
            ?? state.withLock { state in
                state.edit = nil
                return state.isMade
            }
    }

    func reached(_ point: FaultPoint, path: BytePath) -> FaultAction {
        guard ["commit.", "packer.check.", "packer.adopt."].contains(where: point.name.hasPrefix) else {
            return .proceed
        }
        // With the lock held: whoever sees that it is made finds it on disk.
        state.signal { state in
            state.left -= 1
            guard state.left < 0, let edit = state.edit else { return }
            edit()
            state.edit = nil
            state.isMade = true
        }
        return .proceed
    }
}

@Suite("A commit never flags itself, and never hides a foreign edit that falls in the same instant")
struct SameInstantTests {
    /// `PACKER_EVERY_POINT` set: every edit at every point.
    private static let isThorough = ProcessInfo.processInfo.environment["PACKER_EVERY_POINT"] != nil

    @Test(
        "an edit at each system call of a command: its bytes are kept, and the flags are a diff from scratch",
        arguments: InstantCommand.allCases, InstantEdit.allCases
    )
    func everyPoint(_ command: InstantCommand, _ edit: InstantEdit) async throws {
        // Each edit begins elsewhere, so that together they meet every point.
        let stride = Self.isThorough ? 1 : 4
        var number = (InstantEdit.allCases.firstIndex(of: edit) ?? 0) % stride
        var tried = 0
        var outcomes = (committed: 0, refused: 0)
        while true {
            let faults = EditAt()
            let bench = try await Bench.open(try Fixtures.game(), disk: LinuxDisk(faults: faults))
            let assets = bench.assets
            faults.arm(number) { edit.make(assets, command) }
            let operation = try bench.project.submit(try command.mutation())
            let isCommitted = (try? await operation.result) != nil
            if !faults.end() {
                #expect(isCommitted)
                #expect(await bench.check("\(number) points") == 0)
                await bench.close()
                break
            }
            let flagged = await bench.check("point \(number)")
            await bench.close()
            let contents = try bench.folder.contents()
            let isKept = contents.values.contains { String(decoding: $0, as: UTF8.self).contains(InstantEdit.marker) }
            #expect(isKept, "point \(number): the edit is lost")
            if edit == .otherAsset {
                #expect(isCommitted && flagged == 1, "point \(number)")
            }
            if isCommitted { outcomes.committed += 1 } else { outcomes.refused += 1 }
            number += stride
            tried += 1
        }
        print("\(command) with \(edit): \(tried) points, \(outcomes.committed) committed, \(outcomes.refused) refused")
        #expect(tried > 20 / stride)
    }
}
