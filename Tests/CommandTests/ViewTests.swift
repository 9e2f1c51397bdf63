import Packer
import PackerModel
import PackerTestSupport
import Testing

@testable import prometeu_packer

/// The objects that no run brings about at will.
@Suite("Events and failures as objects")
struct ViewTests {
    private func event(_ kind: PackerEvent.Kind) -> PackerEvent {
        var generator = SystemRandomNumberGenerator()
        return PackerEvent(
            project: "p",
            session: SessionID(using: &generator),
            sequence: 7,
            generation: 2,
            operation: OperationID(using: &generator),
            time: 0,
            kind: kind
        )
    }

    @Test("conflicts and recoveries have the documented keys")
    func notices() throws {
        var generator = SystemRandomNumberGenerator()
        let operation = OperationID(using: &generator)
        let conflict = Conflict(path: "a/asset.json", keptAt: ".prometeu/conflicts/x", operation: operation)
        let recovery = RecoverySummary(completed: [operation], rolledBack: [])
        let objects = [
            try JSONObject(JSONLine().encode(ConflictView(conflict, event(.conflictKept(conflict))))),
            try JSONObject(JSONLine().encode(RecoveryView(recovery, event(.recoveryCompleted(recovery))))),
        ]
        for object in objects { #expect(try DocumentedKeys.disagreements(object) == []) }
        #expect(objects[0]["operation_id"] == operation.description)
        #expect(objects[0]["event.sequence"] == "7")
    }

    @Test(
        "every coverage says its state, and what is known of it",
        arguments: [
            (Coverage.starting, "starting", "null", "null"),
            (.complete(inputsVerified: false), "complete", "false", "null"),
            (.verifying(reason: "why"), "verifying", "null", "why"),
            (.degraded(unwatched: ["a"], reason: "why"), "degraded", "null", "why"),
            (.lost(reason: "why"), "lost", "null", "why"),
        ]
    )
    func coverage(coverage: Coverage, state: String, verified: String, reason: String) throws {
        let view = CoverageEventView(
            coverage: CoverageView(coverage),
            event: EventStamp(event(.coverageChanged(coverage)))
        )
        let object = try JSONObject(JSONLine().encode(view))
        #expect(try DocumentedKeys.disagreements(object) == [])
        #expect(object["coverage.state"] == state)
        #expect(object["coverage.inputs_verified"] == verified)
        #expect(object["coverage.reason"] == reason)
    }

    @Test("nothing flagged proves nothing where the coverage is not complete")
    func incompleteCoverage() throws {
        let error = CoverageIncomplete(coverage: .degraded(unwatched: ["maps"], reason: "no watches are left"))
        let text = Ending(error, asJSON: false)
        #expect(text.code == .failed)
        #expect(text.output.isEmpty)
        for part in ["no watches are left", "\n  path: maps\n", "\n  remedy: ", "\n  code: coverage.incomplete\n"] {
            #expect(text.error.contains(part), "\(part)")
        }
        let json = Ending(error, asJSON: true)
        #expect(json.code == .failed)
        #expect(json.error.isEmpty)
        let object = try JSONObject(json.output)
        #expect(object["error.code"] == "coverage.incomplete")
        #expect(try DocumentedKeys.disagreements(object) == [])
    }

    @Test("an error names every path, the remedy and the cause, and acts on no terminal")
    func failure() {
        let error = PackerError(
            .diskFull,
            "no room\u{1b}[2J",
            paths: ["a", "b\n"],
            remedy: "Make room.",
            cause: "ENOSPC"
        )
        #expect(
            Ending(error, asJSON: false).error == """
                error: no room\\u{1b}[2J
                  path: a
                  path: b\\u{a}
                  remedy: Make room.
                  cause: ENOSPC
                  code: disk.full

                """
        )
    }

    @Test("progress counts what there is, and diagnostics once there are any")
    func progress() {
        #expect(ProgressLine.text("opening", ScanProgress(folders: 1, assets: 2)) == "opening: 1 folder, 2 assets")
        #expect(
            ProgressLine.text("opening", ScanProgress(folders: 2, assets: 1, diagnostics: 1))
                == "opening: 2 folders, 1 asset, 1 diagnostic"
        )
    }
}
