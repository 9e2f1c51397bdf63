import Packer

/// What a command that writes or refreshes tells when it is done.
struct OutcomeView: Encodable {
    let kind = "operation"
    let name: String
    let operationID: String
    let generation: UInt64
    let assets: [Touched]
    /// Of the whole project, as it is now.
    let total: Int
    let errors: Int
    let warnings: Int

    struct Touched: Encodable {
        @Nullable var id: UInt32?
        @Nullable var uuid: String?
        let root: String

        init(_ asset: OperationOutcome.Touched) {
            id = asset.id?.rawValue
            uuid = asset.uuid?.description
            root = asset.root.path
        }
    }

    enum CodingKeys: String, CodingKey {
        case kind, name, generation, assets, total, errors, warnings
        case operationID = "operationId"
    }

    init(_ name: String, _ done: Done) {
        let outcome = done.outcome
        self.name = name
        total = done.snapshot.count
        (errors, warnings) = done.snapshot.allDiagnostics.counts
        operationID = outcome.operation.description
        generation = outcome.generation
        assets = outcome.assets.map(Touched.init)
    }
}

/// A project as a whole.
struct StateView: Encodable {
    let kind = "state"
    let project: String
    let session: String
    let generation: UInt64
    /// The newest event that this stands on.
    let sequence: UInt64
    /// True once everything that happened before it was asked for has been looked at.
    let settled: Bool
    let assets: Int
    let errors: Int
    let warnings: Int
    let coverage: CoverageView
    let divergences: Int

    init(_ state: ProjectState) {
        project = state.project
        session = state.snapshot.session.description
        generation = state.snapshot.generation
        sequence = state.report.sequence
        settled = state.isSettled
        assets = state.snapshot.count
        (errors, warnings) = state.snapshot.allDiagnostics.counts
        coverage = CoverageView(state.report.coverage)
        divergences = state.report.divergences.count
    }
}

struct CoverageView: Encodable {
    let state: String
    @Nullable var inputsVerified: Bool?
    let unwatched: [String]
    @Nullable var reason: String?

    init(_ coverage: Coverage) {
        state = coverage.name
        switch coverage {
        case .starting: (inputsVerified, unwatched, reason) = (nil, [], nil)
        case .complete(let areVerified): (inputsVerified, unwatched, reason) = (areVerified, [], nil)
        case .verifying(let why), .lost(let why): (inputsVerified, unwatched, reason) = (nil, [], why)
        case .degraded(let roots, let why):
            (inputsVerified, unwatched, reason) = (nil, roots.map { $0.isEmpty ? "." : $0 }, why)
        }
    }
}
