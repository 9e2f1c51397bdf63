import Packer

/// What came of a session with a project, once it is closed.
struct Finished<Value: Sendable>: Sendable {
    var result: Result<Value, any Error>
    /// What opening or writing met that no result says; to be told whatever the result is.
    var notices: [PackerEvent]
}

/// Opens a project, lets `body` work with it, and closes it again, whatever came of it.
/// - Parameter tellsNoticesAtOnce: for a session that lasts: what it meets goes to standard error when it happens, and
///   no event is kept.
/// - Throws: what opening throws.
func withProject<Value: Sendable>(
    _ path: String,
    access: PackerOptions.Access,
    createsWorkspace: Bool = false,
    tellsNoticesAtOnce: Bool = false,
    _ body: (PackerProject, EventStream) async throws -> Value
) async throws -> Finished<Value> {
    let progress = ProgressLine()
    defer { progress.end() }
    let sink = EventStream(progress: progress, tellsNoticesAtOnce: tellsNoticesAtOnce)
    let options = PackerOptions(access: access, createsWorkspace: createsWorkspace)
    let project = try await PackerProject.open(path, options: options, sink: sink)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(project, sink))
    } catch {
        result = .failure(error)
    }
    await project.close(.drain)
    sink.finish()
    return Finished(result: result, notices: await sink.notices())
}

/// An operation that has ended well, and the project after it.
struct Done: Sendable {
    var outcome: OperationOutcome
    var snapshot: Snapshot
}

/// Opens a project for writing and carries out one operation.
///
/// A cancelled task takes the operation back while it is queued; once it runs, it is finished.
func carryOut(
    in path: String,
    _ submit: (PackerProject) throws -> PackerOperation
) async throws -> Finished<Done> {
    try await withProject(path, access: .readWrite) { project, _ in
        if Task.isCancelled {
            throw PackerError(
                .cancelled,
                "the command was interrupted before it began",
                remedy: "Run it again if it is wanted."
            )
        }
        let operation = try submit(project)
        let outcome = try await withTaskCancellationHandler {
            try await operation.result
        } onCancel: {
            operation.cancel()
        }
        return Done(outcome: outcome, snapshot: project.snapshot)
    }
}
