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

    static func observe(
        _ sequence: UInt64,
        _ kind: PackerEvent.Kind,
        generation: UInt64 = 1,
        session: SessionID = .sample(1),
        asks: [AssetsWorkspace.Request] = []
    ) -> Step {
        Step(happens: { $0.observe(.sample(session, sequence, kind, generation: generation)) }, asks: asks)
    }

    static func listed(
        _ roots: [String],
        generation: UInt64 = 1,
        filter: AssetFilter = .all,
        limit: Int = 100,
        hasMore: Bool = false,
        asks: [AssetsWorkspace.Request] = []
    ) -> Step {
        let listing = AssetsWorkspace.Listing(
            generation: generation,
            access: .writable,
            filter: filter,
            limit: limit,
            assets: roots.enumerated().map { .sample($1, id: UInt32($0 + 1)) },
            hasMore: hasMore
        )
        return .receive(.listed(listing), asks: asks)
    }

    static func flags(
        _ divergences: [Divergence],
        sequence: UInt64,
        asks: [AssetsWorkspace.Request] = []
    ) -> Step {
        .receive(
            .divergences(divergences, coverage: .complete(inputsVerified: true), sequence: sequence),
            asks: asks
        )
    }
}

struct Scenario: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var steps: [Step]
    /// What is shown in the end, as text.
    var shows: [String]

    init(_ description: String, _ steps: [Step], shows: [String]) {
        testDescription = description
        self.steps = steps
        self.shows = shows
    }
}

@Suite struct AssetsWorkspaceTests {
    static let list = AssetsWorkspace.Request.list(.all, limit: 100)
    static let tiles = AssetFilter(type: .tileBank)
    static let first = AssetReference.uuid(Asset.sample("a", id: 1).uuid!)
    static let second = AssetReference.uuid(Asset.sample("b", id: 2).uuid!)
    static let summary = PackerEvent.Kind.snapshotPublished(
        SnapshotSummary(assets: 1, changedRoots: [], isWritable: true)
    )
    static let conflictKept = PackerEvent.Kind.conflictKept(
        Conflict(path: "a/x", keptAt: ".prometeu/conflicts/1/x", operation: nil)
    )
    static let create = Mutation.create(NewAsset(root: AssetRoot(onDisk: "new"), type: .data))
    static let relocate = Mutation.relocate(first, to: AssetRoot(onDisk: "elsewhere"))
    static let outcome = OperationOutcome(operation: .sample(7), generation: 2, assets: [])

    static let scenarios: [Scenario] = [
        Scenario(
            "appearing asks for the list and the flags",
            [.act(.appear, asks: [list, .divergences]), .listed(["a", "b"]), .flags([], sequence: 4)],
            shows: ["row a", "row b", "coverage complete"]
        ),
        // List and filter
        Scenario(
            "a filter asks for its own list, from the first page",
            [
                .listed(["a"], hasMore: true), .act(.showMore, asks: [.list(.all, limit: 200)]),
                .act(.filter(tiles), asks: [.list(tiles, limit: 100)]), .listed(["t"], filter: tiles),
            ],
            shows: ["row t"]
        ),
        Scenario("the same filter again asks for nothing", [.act(.filter(.all))], shows: []),
        Scenario(
            "a list that was asked for under another filter is not shown",
            [.act(.filter(tiles), asks: [.list(tiles, limit: 100)]), .listed(["a"])],
            shows: []
        ),
        Scenario(
            "a list of an older generation does not replace a newer one",
            [.listed(["new"], generation: 3), .listed(["old"], generation: 2)],
            shows: ["row new"]
        ),
        Scenario(
            "more rows are asked for once, and only where there are more",
            [
                .act(.showMore), .listed(["a"], hasMore: true), .act(.showMore, asks: [.list(.all, limit: 200)]),
                .act(.showMore), .listed(["a", "b"], limit: 200), .act(.showMore),
            ],
            shows: ["row a", "row b"]
        ),
        Scenario(
            "a list that was asked for with fewer rows is not shown",
            [
                .listed(["a"], hasMore: true), .act(.showMore, asks: [.list(.all, limit: 200)]),
                .listed(["late"], limit: 100),
            ],
            shows: ["row a"]
        ),
        // Selection and details
        Scenario(
            "another selection does not show the details of the one before",
            [
                .act(.select(first), asks: [.details(first)]), .receive(.details(first, .success(.sample("a")))),
                .act(.select(second), asks: [.details(second)]),
            ],
            shows: ["selected"]
        ),
        Scenario(
            "a selection asks for its details",
            [.act(.select(first), asks: [.details(first)]), .receive(.details(first, .success(.sample("a"))))],
            shows: ["selected", "details a"]
        ),
        Scenario(
            "details of what is no longer selected are not shown",
            [
                .act(.select(first), asks: [.details(first)]), .act(.select(nil)),
                .receive(.details(first, .success(.sample("a")))),
            ],
            shows: []
        ),
        Scenario(
            "a refusal of the details is shown as it came",
            [.act(.select(first), asks: [.details(first)]), .receive(.details(first, .failure(.sample)))],
            shows: ["selected", "details \(PackerError.sample)"]
        ),
        // Staged commands
        Scenario(
            "what is staged asks for nothing until it is applied, and shows its outcome",
            [
                .act(.stage(create)), .act(.apply, asks: [.submit(create)]),
                .receive(.commandEnded(.success(outcome)), asks: [list]),
            ],
            shows: ["create committed 2"]
        ),
        Scenario(
            "a relocation keeps the selection and asks for its details again",
            [
                .act(.select(first), asks: [.details(first)]), .act(.stage(relocate)),
                .act(.apply, asks: [.submit(relocate)]),
                .receive(.commandEnded(.success(outcome)), asks: [list, .details(first)]),
                .receive(.details(first, .success(.sample("elsewhere")))),
            ],
            shows: ["selected", "details elsewhere", "relocate committed 2"]
        ),
        Scenario(
            "a refused command shows the packer's error and can be applied again",
            [
                .act(.stage(create)), .act(.apply, asks: [.submit(create)]),
                .receive(.commandEnded(.failure(.sample))), .act(.apply, asks: [.submit(create)]),
                .receive(.commandEnded(.failure(.sample))),
            ],
            shows: ["create failed \(PackerError.sample)"]
        ),
        Scenario(
            "a command under way is neither applied twice, nor replaced, nor dropped",
            [
                .act(.stage(create)), .act(.apply, asks: [.submit(create)]), .act(.apply), .act(.stage(relocate)),
                .act(.discard),
            ],
            shows: ["create submitted"]
        ),
        Scenario(
            "what was committed is not applied again",
            [
                .act(.stage(create)), .act(.apply, asks: [.submit(create)]),
                .receive(.commandEnded(.success(outcome)), asks: [list]), .act(.apply),
            ],
            shows: ["create committed 2"]
        ),
        Scenario("what is staged can be dropped", [.act(.stage(create)), .act(.discard), .act(.apply)], shows: []),
        // Refresh
        Scenario(
            "a refresh runs once at a time, and is followed by the list",
            [
                .act(.refresh(.all), asks: [.refresh(.all)]), .act(.refresh(.asset(first))),
                .receive(.refreshEnded(.success(outcome)), asks: [list]),
                .act(.refresh(.asset(first)), asks: [.refresh(.asset(first))]),
            ],
            shows: ["refreshing"]
        ),
        Scenario(
            "a refused refresh shows the packer's error",
            [.act(.refresh(.all), asks: [.refresh(.all)]), .receive(.refreshEnded(.failure(.sample)))],
            shows: ["refresh \(PackerError.sample)"]
        ),
        // Events
        Scenario(
            "a newer snapshot asks for what stands on it, a known one for nothing",
            [
                .listed(["a"], generation: 2), .act(.select(first), asks: [.details(first)]),
                .observe(5, summary, generation: 2),
                .observe(6, summary, generation: 3, asks: [list, .details(first)]),
            ],
            shows: ["row a", "selected"]
        ),
        Scenario(
            "another session's events are ignored",
            [.observe(1, summary, generation: 9, session: .sample(2))],
            shows: []
        ),
        Scenario(
            "an event that was seen is ignored",
            [
                .observe(1, conflictKept), .observe(2, .operationStarted), .observe(1, conflictKept),
                .observe(2, conflictKept),
            ],
            shows: ["conflict a/x"]
        ),
        Scenario(
            "a gap in the events asks for everything anew",
            [
                .act(.select(first), asks: [.details(first)]), .observe(1, .operationStarted),
                .observe(3, .operationStarted, asks: [list, .details(first), .divergences]),
                .observe(4, .operationStarted),
            ],
            shows: ["selected"]
        ),
        Scenario(
            "after the last event nothing is asked for",
            [.observe(1, .closed), .act(.appear), .act(.refresh(.all)), .observe(2, summary, generation: 9)],
            shows: ["closed"]
        ),
        Scenario(
            "a copy that was put aside is shown",
            [.observe(1, conflictKept)],
            shows: ["conflict a/x"]
        ),
        // Divergence badges
        Scenario(
            "a flag appears on its row, changes and goes",
            [
                .listed(["a", "b"]), .observe(1, .divergenceDetected(.sample("a/x", root: "a"))),
                .observe(2, .divergenceDetected(.sample("b/x", root: "b"))),
                .observe(3, .divergenceChanged(.sample("a/x", .missing, root: "a"))),
                .observe(4, .divergenceCleared(.sample("b/x", root: "b"))),
            ],
            shows: ["row a missing:a/x", "row b", "flag a/x"]
        ),
        Scenario(
            "a flag outside of the list is shown all the same",
            [
                .listed(["a"]), .observe(1, .divergenceDetected(.sample("new/asset.json", .appeared, root: "new"))),
                .observe(2, .divergenceDetected(.sample(".prometeu/index.json", .registryModified))),
            ],
            shows: ["row a", "flag .prometeu/index.json", "flag new/asset.json"]
        ),
        Scenario(
            "flags that were counted in the answer are not counted again from their events",
            [
                .flags([.sample("a/x", root: "a")], sequence: 5),
                .observe(3, .divergenceDetected(.sample("a/z", root: "a"))),
                .observe(4, .divergenceCleared(.sample("a/z", root: "a"))),
                .observe(5, .divergenceCleared(.sample("a/x", root: "a"))),
                .observe(6, .divergenceDetected(.sample("a/y", root: "a"))),
            ],
            shows: ["flag a/x", "flag a/y", "coverage complete"]
        ),
        Scenario(
            "an answer that events have overtaken is asked for again",
            [
                .observe(7, .divergenceDetected(.sample("a/x", root: "a"))),
                .flags([], sequence: 6, asks: [.divergences]),
            ],
            shows: ["flag a/x"]
        ),
        Scenario(
            "coverage follows its events",
            [.flags([], sequence: 1), .observe(2, .coverageChanged(.lost(reason: "unmounted")))],
            shows: ["coverage lost"]
        ),
    ]

    @Test("each step asks for what follows from it", arguments: scenarios)
    func steps(scenario: Scenario) {
        var workspace = AssetsWorkspace(session: .sample(1))
        for (index, step) in scenario.steps.enumerated() {
            #expect(step.happens(&workspace) == step.asks, "step \(index + 1)")
        }
        #expect(text(workspace) == scenario.shows)
    }

    private func text(_ workspace: AssetsWorkspace) -> [String] {
        var lines = workspace.rows.map { row in
            (["row \(row.asset.root)"] + row.divergences.map { "\($0.kind.name):\($0.path)" }).joined(separator: " ")
        }
        if workspace.selection != nil { lines.append("selected") }
        switch workspace.details {
        case .success(let asset): lines.append("details \(asset.root)")
        case .failure(let error): lines.append("details \(error)")
        case nil: break
        }
        if let staged = workspace.staged {
            switch staged.status {
            case .prepared: lines.append("\(staged.mutation.name) prepared")
            case .submitted: lines.append("\(staged.mutation.name) submitted")
            case .committed(let outcome): lines.append("\(staged.mutation.name) committed \(outcome.generation)")
            case .failed(let error): lines.append("\(staged.mutation.name) failed \(error)")
            }
        }
        switch workspace.refresh {
        case .idle: break
        case .running: lines.append("refreshing")
        case .failed(let error): lines.append("refresh \(error)")
        }
        lines += workspace.divergences.keys.sorted().map { "flag \($0)" }
        if let coverage = workspace.coverage { lines.append("coverage \(coverage.name)") }
        lines += workspace.conflicts.map { "conflict \($0.path)" }
        if workspace.isClosed { lines.append("closed") }
        return lines
    }
}
