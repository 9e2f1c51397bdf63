import Packer
import Testing

@testable import StudioHost

/// What happened to the workspace, and the requests that must follow from it.
struct Step: Sendable {
    var happens: @Sendable (inout AssetsWorkspace) -> [AssetsWorkspace.Request]
    var asks: [AssetsWorkspace.Request]

    static func act(_ action: AssetsWorkspace.Action, asks: [AssetsWorkspace.Request] = []) -> Step {
        Step(happens: { $0.act(action) }, asks: asks)
    }

    static func receive(_ answer: AssetsWorkspace.Answer, asks: [AssetsWorkspace.Request] = []) -> Step {
        Step(happens: { $0.receive(answer) }, asks: asks)
    }

    static func snapshot(_ generation: UInt64, _ assets: [SampleAsset]) -> Step {
        .receive(.snapshot(.sample(generation, assets)))
    }

    static func flags(
        _ divergences: [Divergence], sequence: UInt64, asks: [AssetsWorkspace.Request] = []
    ) -> Step {
        .receive(
            .divergences(divergences, coverage: .complete(inputsVerified: true), sequence: sequence), asks: asks
        )
    }

    static func observe(
        _ sequence: UInt64, _ kind: PackerEvent.Kind, generation: UInt64 = 1, operation: OperationID? = nil,
        session: SessionID = .sample(1), asks: [AssetsWorkspace.Request] = []
    ) -> Step {
        Step(
            happens: {
                $0.observe(.sample(session, sequence, kind, generation: generation, operation: operation))
            },
            asks: asks
        )
    }
}

/// A way through the page. What it shows in the end stands under the same title in docs/studio/screens.md.
struct Scenario: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: [Step]

    init(_ description: String, _ steps: [Step]) {
        testDescription = description
        self.steps = steps
    }

    /// Carries the steps out, and answers the page.
    func run() -> AssetsWorkspace {
        var workspace = AssetsWorkspace(project: "/games/castle", session: .sample(1))
        for (index, step) in steps.enumerated() {
            #expect(step.happens(&workspace) == step.asks, "step \(index + 1) of \(testDescription)")
        }
        return workspace
    }
}
