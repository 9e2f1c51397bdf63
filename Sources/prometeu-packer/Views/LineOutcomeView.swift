import Packer

/// What came of one line of `apply`.
struct LineOutcomeView: Encodable {
    enum Status: String, Encodable {
        case committed
        /// Nothing of it was done.
        case refused
        case cancelled
        /// A flush failed, and nobody can tell.
        case unknown
    }

    let kind = "outcome"
    let line: Int
    @Nullable var name: String?
    @Nullable var operationID: String?
    let status: Status
    @Nullable var generation: UInt64?
    let assets: [OutcomeView.Touched]
    @Nullable var error: Failure?

    enum CodingKeys: String, CodingKey {
        case kind, line, name, status, generation, assets, error
        case operationID = "operationId"
    }

    init(_ outcome: LineOutcome) {
        line = outcome.line
        name = outcome.name
        operationID = outcome.operation?.description
        switch outcome.result {
        case .success(let done):
            status = .committed
            generation = done.generation
            assets = done.assets.map(OutcomeView.Touched.init)
            error = nil
        case .failure(let refusal):
            status =
                switch refusal.code {
                case .cancelled: .cancelled
                case .outcomeUnknown: .unknown
                default: .refused
                }
            generation = nil
            assets = []
            error = Failure(refusal)
        }
    }
}
