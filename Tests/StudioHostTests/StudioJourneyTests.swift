import Foundation
import Packer
import PackerTestSupport
import StudioHost
import Testing

/// Studio's way through the game, with what another package could use and nothing else.
@Suite(.timeLimit(.minutes(5))) struct StudioJourneyTests {
    private static let hero = "sprites/hero"

    @Test("a project is opened, listed, changed, relocated, refreshed after an outside edit, and closed")
    func journey() async throws {
        let folder = try Fixtures.game()
        let container = StudioContainer()
        let bus = try await container.start()
        let events = bus.subscribe(to: PackerEvent.self)
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)

        // Listing and details
        let all = try #require(await page.show { $0.listing != nil && $0.flags.coverage != nil })
        #expect(all.listing?.total == 15)
        await page.act(.filter(AssetFilter(type: .tileBank)))
        await page.act(.sort(AssetSort(.name, isDescending: true)))
        let tiles = try #require(await page.show { $0.filter.type == .tileBank })
        #expect(tiles.roots.filter { $0.hasPrefix("tiles/") } == ["tiles/overworld", "tiles/dungeon", "tiles/castle"])
        let types = Set(tiles.listing?.rows.compactMap(\.asset.type) ?? [])
        #expect(types == [.tileBank])
        await page.act(.filter(.all))
        let hero = try #require(await page.show { $0.row(Self.hero) != nil }?.row(Self.hero))
        await page.act(.select(hero.reference))
        let selected = try #require(await page.show { $0.shownAsset != nil }?.shownAsset)
        #expect(selected.id == hero.asset.id)
        #expect(selected.inputs.allSatisfy { $0.size != nil } && !selected.inputs.isEmpty)

        // A staged write: looked at and discarded, looked at and applied
        let cave = try AssetRoot(validating: "maps/cave")
        let create = Mutation.create(NewAsset(root: cave, type: .map))
        let looked = try #require(await page.stage([create]))
        #expect(looked.preview?.changes.contains { $0.path == "maps/cave/asset.json" } == true)
        #expect(looked.staged?.canBeApplied == true)
        await page.act(.discard)
        #expect(!folder.exists("assets/maps/cave"))
        let created = try #require(await page.write([create]))
        #expect(created.outcome?.assets.map(\.root) == [cave])
        #expect(created.row("maps/cave")?.asset.id == created.outcome?.assets[0].id)
        #expect(folder.exists("assets/maps/cave/asset.json"))

        // A relocation, with the selection
        await page.act(.relocateSelection(to: "actors/player/hero"))
        let preview = try #require(await page.show { $0.preview != nil && !$0.staged!.isUnderWay }?.preview)
        #expect(preview.changes.contains { $0.kind == .moveFolder && $0.to == "actors/player/hero" })
        let relocated = try #require(await page.apply())
        #expect(relocated.shownAsset?.root.path == "actors/player/hero")
        #expect(relocated.shownAsset?.id == hero.asset.id)
        #expect(relocated.row(Self.hero) == nil)
        #expect(folder.exists("assets/actors/player/hero/asset.json"))

        // A refusal is the packer's own
        let refused = try #require(await page.stage([.relocate(.root(AssetRoot(validating: Self.hero)), to: cave)]))
        #expect(refused.preview?.blockers.isEmpty == false)
        #expect(refused.staged?.canBeApplied == false)
        await page.act(.discard)

        // Several as one, the trash and back
        let transaction = try #require(
            await page.write([.exclude(hero.reference), .update(hero.reference, [.name("Player")])])
        )
        #expect(transaction.shownAsset?.name == "Player")
        #expect(transaction.shownAsset?.isIncludedInBuild == false)
        let deleted = try #require(await page.write([.delete(hero.reference)]))
        #expect(deleted.snapshot?.trash.count == 1)
        #expect(deleted.details?.failure?.code == .assetUnknown)
        #expect(deleted.errors.map(\.code) == ["asset.unknown"])
        let restored = try #require(await page.write([.restore(hero.reference)]))
        #expect(restored.shownAsset?.name == "Player")
        await page.act(.discard)

        // An outside edit gets a badge, and is in the list only after a refresh
        await project.settled()
        let text = try folder.text("assets/data/items/asset.json")
        try folder.write(
            text.replacing(/"name" *: *"[^"]*"/, with: "\"name\": \"Things\""), to: "assets/data/items/asset.json")
        let flagged = try #require(await page.show { $0.row("data/items")?.divergences.isEmpty == false })
        #expect(flagged.row("data/items")?.divergences.map(\.kind) == [.modified])
        #expect(flagged.row("data/items")?.asset.name != "Things")
        let refreshed = try #require(
            await page.refresh(.asset(.root(try AssetRoot(validating: "data/items"))))
        )
        #expect(refreshed.row("data/items")?.asset.name == "Things")
        let cleared = await page.show { $0.flags.count == 0 }
        #expect(cleared?.row("data/items")?.divergences.isEmpty == true)
        #expect(cleared?.errors == [])

        // Close
        await container.stop()
        #expect(await page.show { $0.isClosed } != nil)
        checkOrder(of: await collect(events), session: project.session)
    }

    @Test("what somebody else changes while a write is staged refuses it, whatever they change, until a refresh")
    func divergenceWhileEditing() async throws {
        let folder = try Fixtures.game()
        let container = StudioContainer()
        let bus = try await container.start()
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)
        await project.settled()
        let hero = AssetReference.root(try AssetRoot(validating: Self.hero))
        let rename = Mutation.update(hero, [.name("Player")])
        #expect(try #require(await page.stage([rename])).staged?.canBeApplied == true)
        let foreign = try folder.text("assets/sprites/hero/asset.json") + "\n"
        try folder.write(foreign, to: "assets/sprites/hero/asset.json")

        // Applied at once, before or after the flag: never over the artist's edit.
        let refused = try #require(await page.apply())
        #expect(refused.outcome == nil)
        #expect(try folder.text("assets/sprites/hero/asset.json") == foreign)
        let flagged = try #require(await page.show { $0.row(Self.hero)?.divergences.isEmpty == false })
        #expect(flagged.row(Self.hero)?.divergences.map(\.kind) == [.modified])

        // Looked at again, it shows what stands in the way, and what to do.
        await page.act(.previewAgain)
        let blocked = try #require(await page.show { $0.staged?.phase != .previewing })
        #expect(blocked.preview?.blockers.map(\.code) == [.diverged])
        let refreshed = try #require(await page.refresh())
        #expect(refreshed.refresh == .idle)
        _ = await page.show { $0.flags.count == 0 }
        await page.act(.previewAgain)
        _ = await page.show { $0.staged?.canBeApplied == true }
        let applied = try #require(await page.apply())
        #expect(applied.outcome != nil)
        #expect(try folder.text("assets/sprites/hero/asset.json").contains("Player"))
        #expect(try folder.text("assets/sprites/hero/asset.json").hasSuffix("\n\n"))
        await container.stop()
    }

    @Test("a preview that another write overtook is shown afresh, and applied when a person agrees")
    func stalePreview() async throws {
        let folder = try Fixtures.game()
        let container = StudioContainer()
        let bus = try await container.start()
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)
        let hero = AssetReference.id(try #require(AssetID(rawValue: 4)))
        #expect(try #require(await page.stage([.relocate(hero, to: AssetRoot(validating: "a/hero"))])).preview != nil)
        _ = try await project.submit(.relocate(hero, to: AssetRoot(validating: "b/hero"))).result
        let renewed = try #require(await page.apply())
        guard case .shown(let preview, isRenewed: true) = renewed.staged?.phase else {
            Issue.record("not renewed:\n\(renewed.text)")
            return
        }
        #expect(preview.changes.contains { $0.path == "b/hero" && $0.to == "a/hero" })
        #expect(project.snapshot.asset(try #require(AssetID(rawValue: 4)))?.root.path == "b/hero")
        let applied = try #require(await page.apply())
        #expect(applied.outcome?.assets.map(\.root.path) == ["a/hero"])
        await container.stop()
    }

    @Test("two projects at once share the bus and nothing else")
    func twoProjects() async throws {
        let folders = [try Fixtures.game(), try Fixtures.game()]
        let container = StudioContainer()
        let bus = try await container.start()
        let events = bus.subscribe(to: PackerEvent.self)
        let first = try await container.open(folders[0].path, options: .test)
        let second = try await container.open(folders[1].path, options: .test)
        #expect(await container.projects.map(\.session) == [first.session, second.session])
        let pages = [OpenPage(first, bus: bus), OpenPage(second, bus: bus)]
        await first.settled()
        await second.settled()
        // The same in both, at the same time, and something else in each.
        for number in 0..<20 {
            for (index, project) in [first, second].enumerated() {
                let root = try AssetRoot(validating: "new-\(index)/\(number)")
                _ = try project.submit(.create(NewAsset(root: root, type: .data)))
            }
        }
        try folders[1].write("changed", to: "assets/sprites/hero/stand.png")
        let flagged = try #require(await pages[1].show { $0.flags.count == 1 && $0.listing?.total == 35 })
        #expect(flagged.row(Self.hero)?.divergences.count == 1)
        let untouched = try #require(await pages[0].show { $0.listing?.total == 35 })
        #expect(untouched.flags.count == 0)
        #expect(untouched.roots.allSatisfy { !$0.hasPrefix("new-1/") })
        #expect(flagged.roots.allSatisfy { !$0.hasPrefix("new-0/") })

        await container.close(first)
        #expect(await pages[0].show { $0.isClosed } != nil)
        #expect(await container.projects.map(\.session) == [second.session])
        let slime = AssetReference.id(try #require(AssetID(rawValue: 5)))
        let place = try AssetRoot(validating: "actors/slime")
        let moved = try #require(await pages[1].write([.relocate(slime, to: place)]))
        #expect(moved.outcome != nil)
        await container.stop()
        let heard = await collect(events)
        #expect(Set(heard.map(\.session)) == [first.session, second.session])
        for project in [first, second] {
            checkOrder(of: heard.filter { $0.session == project.session }, session: project.session)
        }
    }

    @Test("the packer's errors pass the adapter and the container unchanged")
    func errors() async throws {
        let folder = try TemporaryFolder()
        let container = StudioContainer()
        try await container.start()
        let missing = await #expect(throws: StudioError.self) { try await container.open(folder.path + "/nowhere") }
        #expect(missing?.code == .packer)
        #expect(missing?.cause?.code == .workspaceMissing)

        let project = try await container.open(folder.path, options: .test)
        let second = await #expect(throws: StudioError.self) { try await container.open(folder.path) }
        #expect(second?.cause?.code == .workspaceInUse)

        let unknown = Mutation.relocate(.root(try AssetRoot(validating: "a")), to: try AssetRoot(validating: "b"))
        let operation = try project.submit(unknown)
        let refusal = await #expect(throws: PackerError.self) { try await operation.result }
        let expected = #expect(throws: PackerError.self) {
            try project.snapshot.asset(.root(try AssetRoot(validating: "a")))
        }
        #expect(refusal == expected)

        await container.close(project)
        let closed = #expect(throws: PackerError.self) { try project.submit(unknown) }
        #expect(closed?.code == .laneClosed)
        await container.stop()
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
