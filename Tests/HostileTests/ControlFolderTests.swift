import Foundation
import Packer
import PackerTestSupport
import Testing

/// Something else where the packer keeps files of its own.
struct ControlCase: CustomTestStringConvertible, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case link, pipe, folder, hole, junk
    }

    enum Expected: Equatable, Sendable {
        /// The project cannot be opened for writing.
        case refused(PackerError.Code)
        /// It opens read-only, with this diagnostic.
        case readOnly(DiagnosticCode)
        /// It opens and takes writes.
        case writable
    }

    var place: String
    var kind: Kind
    var expected: Expected

    var testDescription: String { "\(place) as a \(kind)" }

    init(_ place: String, _ kind: Kind, _ expected: Expected) {
        self.place = place
        self.kind = kind
        self.expected = expected
    }
}

@Suite("What others may put into the control folder")
struct ControlFolderTests {
    static let cases: [ControlCase] = [
        ControlCase("journal", .link, .refused(.pathInvalid)), ControlCase("journal", .pipe, .refused(.diskFailed)),
        ControlCase("journal", .folder, .refused(.diskFailed)), ControlCase("journal", .hole, .refused(.diskFailed)),
        ControlCase("journal", .junk, .refused(.journalDamaged)),
        ControlCase("shadow", .link, .refused(.pathInvalid)), ControlCase("shadow", .pipe, .refused(.pathInvalid)),
        ControlCase("shadow", .junk, .refused(.pathInvalid)),
        ControlCase("owner", .link, .writable), ControlCase("owner", .pipe, .writable),
        ControlCase("owner", .hole, .writable), ControlCase("owner", .folder, .refused(.diskFailed)),
        ControlCase("index.json", .link, .readOnly(.registryUnreadable)),
        ControlCase("index.json", .pipe, .readOnly(.registryUnreadable)),
        ControlCase("index.json", .folder, .readOnly(.registryUnreadable)),
        ControlCase("index.json", .hole, .readOnly(.registryUnreadable)),
        ControlCase("index.json", .junk, .readOnly(.registrySyntax)),
        ControlCase(".gitignore", .link, .writable), ControlCase(".gitignore", .folder, .writable),
        ControlCase("conflicts", .link, .writable), ControlCase("conflicts", .junk, .writable),
    ]

    @Test(
        "is refused, or told and read past, and never followed", .timeLimit(.minutes(1)), arguments: cases
    )
    func control(_ given: ControlCase) async throws {
        let hostile = try await HostileProject()
        let outside = hostile.folder.path + "/outside"
        try hostile.replace(".prometeu/" + given.place) { path in
            switch given.kind {
            case .link: symlink(outside + (given.place == "shadow" ? "" : "/" + given.place), path)
            case .pipe: #expect(mkfifo(path, 0o600) == 0)
            case .folder: #expect(mkdir(path, 0o755) == 0)
            case .hole:
                try Data().write(to: URL(fileURLWithPath: path))
                #expect(truncate(path, 1 << 40) == 0)
            case .junk: try Data("]".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        Memory.forgetPeak()
        let before = Memory.peak ?? 0
        do throws(PackerError) {
            let project = try await hostile.open()
            switch given.expected {
            case .refused: Issue.record("it was opened")
            case .readOnly(let code):
                #expect(project.snapshot.access != .writable)
                #expect(project.snapshot.diagnostics.map(\.code) == [code])
                #expect(project.snapshot.asset(at: hostile.other) != nil)
            case .writable:
                #expect(project.snapshot.diagnostics == [])
                _ = try await project.submit(.update(.root(hostile.victim), [.name("Ours")])).result
                #expect(project.conflicts == [])
            }
            hostile.expectNothingOutside(project.snapshot, "open")
            await project.close()
        } catch {
            #expect(given.expected == .refused(error.code), "\(error)")
            #expect(!error.remedy.isEmpty && !error.message.isEmpty)
        }
        // Beside a broken control folder a reader says what it can, and touches nothing.
        let reader = try await hostile.open(.readOnly)
        #expect(reader.snapshot.asset(at: hostile.other) != nil)
        await reader.close()
        hostile.expectNothingOutside(nil, "closed")
        #expect((Memory.peak ?? 0) - before < 256, "MiB")
    }
}
