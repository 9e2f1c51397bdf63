import Packer

/// What came of a session with a project, once it is closed.
struct Finished<Value: Sendable>: Sendable {
    var result: Result<Value, any Error>
    /// What opening or writing met that no result says; to be told whatever the result is.
    var notices: [PackerEvent]
}

/// Opens a project, lets `body` work with it, and closes it again, whatever came of it.
/// - Throws: what opening throws.
func withProject<Value: Sendable>(
    _ path: String,
    access: PackerOptions.Access,
    createsWorkspace: Bool = false,
    _ body: (PackerProject, EventStream) async throws -> Value
) async throws -> Finished<Value> {
    let progress = ProgressLine()
    defer { progress.end() }
    let sink = EventStream(progress: progress)
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

extension PackerOperation {
    /// Waits for the end. A cancelled task takes the operation back while it is queued; once it runs, it is finished.
    func finished() async throws -> OperationOutcome {
        try await withTaskCancellationHandler {
            try await result
        } onCancel: {
            cancel()
        }
    }
}
