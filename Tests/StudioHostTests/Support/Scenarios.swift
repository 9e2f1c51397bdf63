import Packer

@testable import StudioHost

/// The states of the assets page, topic by topic.
enum Scenarios {
    static let all = list + selection + writes + refresh + operations + events + divergence + errors

    static let hero = SampleAsset("sprites/hero", id: 1, .tileBank, name: "Hero", inputs: ["a.png", "b.png"])
    static let theme = SampleAsset("audio/theme", id: 2, .soundBank, name: "Theme", isIncluded: false)
    static let forest = SampleAsset("maps/forest", id: 3, .map, name: "forest")
    static let lost = SampleAsset("maps/lost", id: 4, .map, isThere: false)
    static let stray = SampleAsset("data/stray", id: nil, name: "Stray")
    static let project = [hero, theme, forest, lost, stray]

    static let heroReference = AssetReference.uuid(hero.uuid)
    static let villain = AssetRoot(onDisk: "sprites/villain")
    static let relocate = Mutation.relocate(heroReference, to: villain)
    static let create = Mutation.create(NewAsset(root: AssetRoot(onDisk: "maps/cave"), type: .map))
    static let moved = Preview.sample(
        [relocate],
        changes: [
            PlannedChange(.moveFolder, "sprites/hero", to: "sprites/villain"),
            PlannedChange(.editRegistry, ".prometeu/index.json"),
        ]
    )
    static let movedLater = Preview.sample(
        [relocate], generation: 2, changes: moved.changes + [PlannedChange(.editFile, "maps/forest/asset.json")]
    )
    static let blocked = Preview.sample([relocate], blockers: [.occupied])
    static let outcome = OperationOutcome(operation: .sample(7), generation: 2, assets: [])
    static let summary = PackerEvent.Kind.snapshotPublished(
        SnapshotSummary(assets: 5, changedRoots: [], isWritable: true)
    )
    static let conflict = Conflict(
        path: "sprites/hero/a.png", keptAt: ".prometeu/conflicts/1/a.png", operation: .sample(7)
    )
    static let everything: [AssetsWorkspace.Request] = [.snapshot, .divergences, .conflicts, .runningOperations]

    static let shown: [Step] = [.snapshot(1, project), .act(.stage([relocate]), asks: [.preview(1, [relocate])])]
    static let previewed = shown + [.receive(.previewed(1, .success(moved)))]
    static let applying = previewed + [.act(.apply, asks: [.apply(1, moved)])]

    static let list = [
        Scenario(
            "appearing asks for everything, and shows it",
            [
                .act(.appear, asks: everything), .snapshot(1, project), .flags([], sequence: 4),
                .receive(.conflicts([])), .receive(.runningOperations([])),
            ]
        ),
        Scenario("before the first answer there is no list", [.act(.appear, asks: everything)]),
        Scenario(
            "a filter shows what it lets through, from the first page",
            [.snapshot(1, project), .act(.filter(AssetFilter(type: .map)))]
        ),
        Scenario(
            "every order follows its key, and roots where that is equal",
            [.snapshot(1, project), .act(.sort(AssetSort(.state)))]
        ),
        Scenario(
            "an order can be turned round",
            [.snapshot(1, project), .act(.sort(AssetSort(.name, isDescending: true)))]
        ),
        Scenario(
            "a newer snapshot replaces the list, an older one does not",
            [.snapshot(2, [hero]), .snapshot(1, project)]
        ),
    ]

    static let selection = [
        Scenario(
            "a selection shows its details",
            [.snapshot(1, project), .act(.select(heroReference)), .receive(.conflicts([conflict]))]
        ),
        Scenario(
            "a selection follows its asset to another place",
            [
                .snapshot(1, [hero]), .act(.select(heroReference)),
                .snapshot(2, [SampleAsset("sprites/villain", id: 1, .tileBank, name: "Hero")]),
            ]
        ),
        Scenario(
            "a selection whose asset is gone says so",
            [.snapshot(1, project), .act(.select(heroReference)), .snapshot(2, [forest])]
        ),
        Scenario(
            "nothing selected shows no details",
            [.snapshot(1, [hero]), .act(.select(heroReference)), .act(.select(nil))]
        ),
    ]

    static let writes = [
        Scenario("what is staged asks for its preview, and nothing else", shown),
        Scenario("a preview is shown before anything is applied", previewed),
        Scenario("what is shown can be discarded", previewed + [.act(.discard), .act(.apply)]),
        Scenario(
            "what was shown is applied, and its operation named",
            applying + [.receive(.taken(.write(1), .sample(7)))]
        ),
        Scenario(
            "what was applied is shown as soon as it can be read",
            applying + [
                .receive(.taken(.write(1), .sample(7))),
                .receive(.ended(.write(1), .success(outcome), fresh: nil), asks: [.snapshot]),
                .snapshot(2, [SampleAsset("sprites/villain", id: 1, .tileBank, name: "Hero"), forest]),
            ]
        ),
        Scenario(
            "a write under way is neither applied twice, nor replaced, nor dropped",
            applying + [
                .act(.apply), .act(.stage([create])), .act(.discard), .act(.previewAgain),
                .act(.select(heroReference)), .act(.relocateSelection(to: "maps/other")), .act(.select(nil)),
            ]
        ),
        Scenario(
            "what was applied is not applied again",
            applying + [
                .receive(.ended(.write(1), .success(outcome), fresh: nil), asks: [.snapshot]), .act(.apply),
                .act(.previewAgain),
            ]
        ),
        Scenario(
            "a preview that is not true any more is replaced by a fresh one, which a person looks at first",
            applying + [.receive(.ended(.write(1), .failure(.stale), fresh: movedLater))]
        ),
        Scenario(
            "a fresh preview is applied when a person says so",
            applying + [
                .receive(.ended(.write(1), .failure(.stale), fresh: movedLater)),
                .act(.apply, asks: [.apply(1, movedLater)]),
            ]
        ),
        Scenario(
            "a preview with a blocker can be looked at, and not applied",
            shown + [.receive(.previewed(1, .success(blocked))), .act(.apply)]
        ),
        Scenario(
            "a refused write shows the packer's error, and can be applied again or looked at again",
            applying + [
                .receive(.ended(.write(1), .failure(.busy), fresh: nil)), .act(.apply, asks: [.apply(1, moved)]),
                .receive(.ended(.write(1), .failure(.diverged), fresh: nil)),
                .act(.previewAgain, asks: [.preview(2, [relocate])]),
                .receive(.previewed(2, .success(moved))), .act(.apply, asks: [.apply(2, moved)]),
                .receive(.ended(.write(2), .failure(.diverged), fresh: nil)),
            ]
        ),
        Scenario(
            "a preview that cannot be had shows why",
            shown + [.receive(.previewed(1, .failure(.busy))), .act(.apply)]
        ),
        Scenario(
            "the answer to a write that was replaced is not shown",
            shown + [
                .act(.stage([create]), asks: [.preview(2, [create])]), .receive(.previewed(1, .success(moved))),
            ]
        ),
        Scenario(
            "several changes are staged as one",
            [
                .snapshot(1, project), .act(.stage([create, relocate]), asks: [.preview(1, [create, relocate])]),
                .act(.stage([])),
                .receive(
                    .previewed(
                        1,
                        .success(
                            .sample(
                                [create, relocate],
                                changes: [PlannedChange(.createFile, "maps/cave/asset.json")] + moved.changes
                            )
                        )
                    )
                ),
            ]
        ),
        Scenario(
            "a relocation is staged for what is selected",
            [
                .snapshot(1, project), .act(.relocateSelection(to: "sprites/villain")), .act(.select(heroReference)),
                .act(.relocateSelection(to: "sprites/villain"), asks: [.preview(1, [relocate])]),
                .receive(.previewed(1, .success(moved))),
            ]
        ),
        Scenario(
            "a path that cannot be is refused before anybody is asked",
            [
                .snapshot(1, [hero]), .act(.select(heroReference)), .act(.relocateSelection(to: "sprites//villain")),
                .act(.apply), .act(.previewAgain),
            ]
        ),
    ]

    static let refresh = [
        Scenario(
            "a refresh runs once at a time",
            [.snapshot(1, [hero]), .act(.refresh(.all), asks: [.refresh(.all)]), .act(.refresh(.asset(heroReference)))]
        ),
        Scenario(
            "a refresh shows what it read, and asks which copies are still there",
            [
                .snapshot(1, [hero]), .receive(.conflicts([conflict])),
                .act(.refresh(.all), asks: [.refresh(.all)]), .receive(.taken(.refresh, .sample(8))),
                .receive(.ended(.refresh, .success(outcome), fresh: nil), asks: [.snapshot, .conflicts]),
                .snapshot(2, [hero, forest]), .receive(.conflicts([])),
                .act(.refresh(.asset(heroReference)), asks: [.refresh(.asset(heroReference))]),
                .receive(.ended(.refresh, .success(outcome), fresh: nil), asks: [.conflicts]),
            ]
        ),
        Scenario(
            "a refused refresh shows the packer's error",
            [
                .snapshot(1, [hero]), .act(.refresh(.all), asks: [.refresh(.all)]),
                .receive(.ended(.refresh, .failure(.busy), fresh: nil)),
            ]
        ),
    ]

    static let operations = [
        Scenario(
            "operations are shown with their progress, and how they ended",
            [
                .snapshot(1, [hero]), .observe(1, .operationQueued(name: "relocate"), operation: .sample(7)),
                .observe(2, .operationQueued(name: "create"), operation: .sample(8)),
                .observe(3, .operationStarted, operation: .sample(7)),
                .observe(4, .operationCommitted(outcome), operation: .sample(7)),
                .observe(5, .operationFailed(.diverged), operation: .sample(8)),
                .observe(6, .operationQueued(name: "create"), operation: .sample(9)),
                .observe(7, .operationCancelled, operation: .sample(9)),
                .observe(8, .operationQueued(name: "refresh"), operation: .sample(10)),
                .observe(9, .operationQueued(name: "create"), operation: .sample(11)),
                .observe(10, .operationStarted, operation: .sample(10)),
                .observe(
                    11, .operationProgress(ScanProgress(folders: 120, assets: 40)), operation: .sample(10)
                ),
            ]
        ),
        Scenario(
            "an operation of this page can be cancelled while it waits",
            [
                .act(.refresh(.all), asks: [.refresh(.all)]), .receive(.taken(.refresh, .sample(7))),
                .observe(1, .operationQueued(name: "refresh"), operation: .sample(7)),
                .observe(2, .operationQueued(name: "create"), operation: .sample(8)), .act(.cancel(.sample(8))),
                .act(.cancel(.sample(7)), asks: [.cancel(.sample(7))]),
            ]
        ),
        Scenario(
            "an operation that runs cannot be cancelled any more",
            [
                .act(.refresh(.all), asks: [.refresh(.all)]), .receive(.taken(.refresh, .sample(7))),
                .observe(1, .operationStarted, operation: .sample(7)), .act(.cancel(.sample(7))),
            ]
        ),
        Scenario(
            "an operation that ended while events were lost is not shown as running",
            [
                .observe(1, .operationQueued(name: "create"), operation: .sample(7)),
                .observe(2, .operationQueued(name: "create"), operation: .sample(8)),
                .observe(9, .operationStarted, operation: .sample(8), asks: everything),
                .receive(.runningOperations([.sample(8)])),
            ]
        ),
    ]

    static let events = [
        Scenario(
            "a newer snapshot is asked for, a known one is not",
            [
                .snapshot(2, [hero]), .observe(5, summary, generation: 2),
                .observe(6, summary, generation: 3, asks: [.snapshot]),
            ]
        ),
        Scenario(
            "another session's events are ignored",
            [.observe(1, summary, generation: 9, session: .sample(2)), .observe(2, .closed, session: .sample(2))]
        ),
        Scenario(
            "an event that was seen is ignored",
            [
                .observe(1, .conflictKept(conflict)), .observe(2, .operationStarted, operation: .sample(1)),
                .observe(1, .closed), .observe(2, .closed),
            ]
        ),
        Scenario(
            "a gap in the events asks for everything anew",
            [
                .observe(1, .operationStarted, operation: .sample(1)),
                .observe(3, .operationStarted, operation: .sample(1), asks: everything),
                .observe(4, .operationStarted, operation: .sample(1)),
            ]
        ),
        Scenario(
            "after the last event nothing is asked for",
            [
                .snapshot(1, [hero]), .observe(1, .closed), .act(.appear), .act(.refresh(.all)),
                .act(.stage([create])), .observe(2, summary, generation: 9),
            ]
        ),
        Scenario(
            "a copy that was put aside is shown, once",
            [
                .snapshot(1, [hero]), .observe(1, .conflictKept(conflict)), .receive(.conflicts([conflict])),
                .observe(2, .conflictKept(conflict)),
            ]
        ),
    ]

    static let divergence = [
        Scenario(
            "a flag appears on its row, changes and goes",
            [
                .snapshot(1, [hero, forest]),
                .observe(1, .divergenceDetected(.sample("sprites/hero/a.png", root: "sprites/hero"))),
                .observe(2, .divergenceDetected(.sample("maps/forest/asset.json", root: "maps/forest"))),
                .observe(3, .divergenceDetected(.sample("sprites/hero/b.png", root: "sprites/hero"))),
                .observe(4, .divergenceChanged(.sample("sprites/hero/a.png", .missing, root: "sprites/hero"))),
                .observe(5, .divergenceCleared(.sample("maps/forest/asset.json", root: "maps/forest"))),
                .act(.select(heroReference)),
            ]
        ),
        Scenario(
            "a flag outside of the list is shown all the same",
            [
                .snapshot(1, [hero]),
                .observe(1, .divergenceDetected(.sample("new/asset.json", .appeared, root: "new"))),
                .observe(2, .divergenceDetected(.sample(".prometeu/index.json", .registryModified))),
                .observe(
                    3,
                    .divergenceDetected(.sample("old/asset.json", .moved(to: AssetRoot(onDisk: "here")), root: "old"))
                ),
            ]
        ),
        Scenario(
            "a refresh clears the flags of what it read",
            [
                .snapshot(1, [hero]),
                .observe(1, .divergenceDetected(.sample("sprites/hero/a.png", root: "sprites/hero"))),
                .act(.refresh(.all), asks: [.refresh(.all)]), .receive(.taken(.refresh, .sample(7))),
                .observe(2, summary, generation: 2, operation: .sample(7), asks: [.snapshot]), .snapshot(2, [hero]),
                .observe(3, .divergenceCleared(.sample("sprites/hero/a.png", root: "sprites/hero"))),
                .receive(.ended(.refresh, .success(outcome), fresh: nil), asks: [.conflicts]),
            ]
        ),
        Scenario(
            "flags that were counted in the answer are not counted again from their events",
            [
                .flags([.sample("a/x", root: "a")], sequence: 5),
                .observe(3, .divergenceDetected(.sample("a/z", root: "a"))),
                .observe(4, .divergenceCleared(.sample("a/z", root: "a"))),
                .observe(5, .divergenceCleared(.sample("a/x", root: "a"))),
                .observe(6, .divergenceDetected(.sample("a/y", root: "a"))), .snapshot(1, []),
            ]
        ),
        Scenario(
            "an answer that events have overtaken is asked for again",
            [
                .observe(7, .divergenceDetected(.sample("a/x", root: "a"))),
                .flags([], sequence: 6, asks: [.divergences]), .snapshot(1, []),
            ]
        ),
        Scenario(
            "how far the flags can be believed is shown",
            [.flags([], sequence: 1), .observe(2, .coverageChanged(.lost(reason: "unmounted")))]
        ),
    ]

    static let errors = [
        Scenario(
            "a read-only project says why",
            [.receive(.snapshot(.sample(1, [hero], access: .readOnly(.readOnlyDisk))))]
        ),
        Scenario(
            "errors are shown together, each with its remedy",
            applying + [
                .receive(.ended(.write(1), .failure(.diverged), fresh: nil)),
                .act(.refresh(.all), asks: [.refresh(.all)]),
                .receive(.ended(.refresh, .failure(.busy), fresh: nil)), .act(.select(.root(villain))),
            ]
        ),
        Scenario(
            "a name that would disturb a terminal is shown escaped",
            [.snapshot(1, [SampleAsset("a", id: 1, name: "bell\u{7}\u{1b}[2J")])]
        ),
    ]
}

extension PackerError {
    static let occupied = PackerError(
        .rootOccupied, "there is an asset at \"sprites/villain\" already", paths: ["sprites/villain"],
        remedy: "Choose another root."
    )
    static let diverged = PackerError(
        .diverged, "somebody else changed what it would touch", paths: ["sprites/hero/a.png"], remedy: "Refresh first."
    )
    static let busy = PackerError(.laneFull, "10000 commands wait already", remedy: "Wait for some of them to end.")
    static let stale = PackerError(.previewStale, "it would do something else by now", remedy: "Look again.")
    static let readOnlyDisk = PackerError(
        .readOnly, "the filesystem cannot exchange files", remedy: "Use another filesystem."
    )
}
