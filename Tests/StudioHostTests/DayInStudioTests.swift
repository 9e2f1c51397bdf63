import Foundation
import Packer
import PackerTestSupport
import StudioHost
import Testing

@Suite(.timeLimit(.minutes(10))) struct DayInStudioTests {
    @Test(
        "a day in Studio: 1,000 assets are browsed, changed, edited outside, refreshed, survive a crash, and every event is accounted for"
    )
    func day() async throws {
        let folder = try Fixtures.make("generate_workspace.py", ["--assets", "1000"])
        try await morning(folder)
        let afternoon = try KilledStudio(in: folder.path, afterCommits: 150)
        try await evening(folder, after: afternoon)
    }

    // MARK: Morning: browse, stage, relocate; an artist edits outside; refresh

    private func morning(_ folder: TemporaryFolder) async throws {
        let container = StudioContainer()
        let bus = try await container.start()
        let events = bus.subscribe(to: PackerEvent.self)
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)
        var account = DayAccount()

        let all = try #require(await page.show { $0.listing != nil })
        #expect(all.listing?.total == 1_000)
        let assets = project.snapshot.list(limit: 1_000).assets
        try await browse(page)
        await project.settled()

        // Looked at and dropped; looked at and applied; several as one; one and a whole folder relocated.
        let first = assets[10]
        let rename = Mutation.update(.root(first.root), [.name("Renamed")])
        #expect(try #require(await page.stage([rename])).preview?.changes.isEmpty == false)
        await page.act(.discard)
        func write(_ what: String, _ mutations: [Mutation]) async throws -> AssetsWorkspace {
            let page = try #require(await page.write(mutations))
            let outcome = try #require(page.outcome, "\(what):\n\(page.text)")
            account.asked.append(("\(outcome.operation)", what))
            return page
        }
        _ = try await write("rename", [rename])
        _ = try await write(
            "create and exclude",
            [
                .create(NewAsset(root: try AssetRoot(validating: "new/map"), type: .map)),
                .exclude(.root(assets[20].root)),
            ])
        await page.act(.select(.id(try #require(first.id))))
        let moved = try await write(
            "relocate",
            [
                .relocate(.id(try #require(first.id)), to: try AssetRoot(validating: "moved/first"))
            ])
        #expect(moved.shownAsset?.root.path == "moved/first")
        _ = try await write("delete", [.delete(.root(assets[30].root))])
        _ = try await write("restore", [.restore(.id(try #require(assets[30].id)))])

        // The artist: changes an input, breaks a declaration, removes an input, adds an asset.
        let art = assets[100], broken = assets[200], lost = assets[300]
        let artPath = "\(art.root)/\(art.inputs[0].path)"
        let lostPath = "\(lost.root)/\(lost.inputs[0].path)"
        try folder.write("repainted", to: "assets/" + artPath)
        let declaration = try folder.text("assets/" + broken.declarationPath)
        try folder.write(String(declaration.dropLast(3)), to: "assets/" + broken.declarationPath)
        try folder.remove("assets/" + lostPath)
        let added = try folder.text("assets/" + assets[400].declarationPath).replacing(
            "\(try #require(assets[400].uuid))", with: "0123abcd-0123-4abc-8abc-0123456789ab")
        try folder.write(added, to: "assets/artist/extra/asset.json")
        for input in assets[400].inputs {
            try folder.write(
                try folder.read("assets/\(assets[400].root)/\(input.path)"), to: "assets/artist/extra/\(input.path)")
        }
        account.edited = [artPath, broken.declarationPath, lostPath, "artist/extra/asset.json"]
        let flagged = try #require(await page.show { $0.flags.count == 4 }, "never four flags")
        #expect(Set(flagged.flags.all.map(\.path)) == account.edited)

        // What is flagged is not written over. The artist mends the declaration: that flag goes by itself.
        let refused = try #require(await page.stage([.relocate(.root(art.root), to: AssetRoot(validating: "a/b"))]))
        #expect(refused.preview?.blockers.map(\.code) == [.diverged])
        await page.act(.discard)
        try folder.write(declaration, to: "assets/" + broken.declarationPath)
        #expect(await page.show { $0.flags.count == 3 } != nil)

        // Refresh, and take in what came.
        await page.act(.refresh(.all))
        let started = try #require(await page.show { !$0.operations.running.isEmpty || $0.refresh == .idle })
        if let refresh = started.operations.running.first { account.asked.append(("\(refresh.id)", "refresh")) }
        let refreshed = try #require(await page.show { $0.refresh == .idle && $0.flags.count == 0 })
        if account.asked.last?.what != "refresh",
            let refresh = refreshed.operations.ended.first(where: { $0.name == "refresh" })
        {
            account.asked.append(("\(refresh.id)", "refresh"))
        }
        #expect(refreshed.snapshot?.count == 1_002)
        _ = try await write("register", [.register(.root(try AssetRoot(validating: "artist/extra")))])

        await container.stop()
        let heard = await collect(events)
        checkOrder(of: heard, session: project.session)
        settle("Morning", account, heard.map { EventLine($0) })
    }

    private func browse(_ page: OpenPage) async throws {
        var seen = 0
        for type in AssetType.known {
            await page.act(.filter(AssetFilter(type: type)))
            for key in AssetSort.Key.allCases { await page.act(.sort(AssetSort(key))) }
            let shown = try #require(await page.show { $0.filter.type == type })
            seen += shown.listing?.matching ?? 0
            let row = try #require(shown.listing?.rows.first)
            await page.act(.select(row.reference))
            let details = try #require(await page.show { $0.shownAsset != nil }?.details?.get())
            #expect(details.asset === row.asset)
        }
        #expect(seen == 1_000)
        await page.act(.filter(.all))
        await page.act(.sort(AssetSort()))
        await page.act(.select(nil))
        for _ in 0..<9 { await page.act(.showMore) }
        let everything = try #require(await page.show { $0.limit == 1_000 })
        #expect(everything.listing?.rows.count == 1_000)
        #expect(everything.listing?.hasMore == false)
    }

    // MARK: Evening: what the crash left

    private func evening(_ folder: TemporaryFolder, after studio: KilledStudio) async throws {
        #expect(studio.wasKilled)
        var account = DayAccount()
        account.asked = studio.submitted.map { ($0.id, $0.words.joined(separator: " ")) }
        let told = account.explain(studio.events)
        print("Afternoon, until it was killed\n\(DayAccount.log(told))")
        // A command is taken before its line is out, so the last ones may be heard of without having been said.
        let unsaid = told.filter { $0.why == nil }.map(\.event)
        #expect(unsaid.allSatisfy { ["operationQueued", "operationStarted"].contains($0.kind) })
        #expect(studio.events.map(\.sequence) == (0..<studio.events.count).map { UInt64($0 + 1) })
        let acknowledged = studio.events.filter { $0.kind == "operationCommitted" }.compactMap(\.operation)

        let container = StudioContainer()
        let bus = try await container.start()
        let events = bus.subscribe(to: PackerEvent.self)
        let project = try await container.open(folder.path, options: .test)
        let page = OpenPage(project, bus: bus)
        await project.settled()
        let shown = try #require(await page.show { $0.listing != nil })
        #expect(shown.flags.count == 0)
        #expect(project.snapshot.access == .writable)
        let outcome = try #require(
            await page.write([.create(NewAsset(root: AssetRoot(validating: "evening-after"), type: .data))])?.outcome)
        // Every command whole or not at all, in the order in which they were given, and none that was told is lost.
        let roots = Set(project.snapshot.list(limit: 100_000).assets.map(\.root.path))
            .filter { $0.hasPrefix("afternoon/") || $0.hasPrefix("evening/") }
        let done = try #require(
            studio.commands(leadingTo: roots), "no run of the commands leads to \(roots.count) roots")
        let doneIDs = Set(studio.submitted.prefix(done).map(\.id))
        #expect(doneIDs.isSuperset(of: acknowledged))
        await container.stop()

        let heard = await collect(events)
        let lines = heard.map { EventLine($0) }
        #expect(lines.map(\.sequence) == (0..<lines.count).map { UInt64($0 + 1) })
        let recovered = lines.filter { $0.kind == "operationCommitted" && $0.detail.hasSuffix("recovered") }
        let takenBack = lines.filter { $0.kind == "operationFailed" }
        #expect(doneIDs.isSuperset(of: recovered.compactMap(\.operation)))
        #expect(doneIDs.isDisjoint(with: takenBack.compactMap(\.operation)))
        print(
            """
            Afternoon: \(studio.submitted.count) commands submitted, \(done) done, \(acknowledged.count) of them told; \
            \(recovered.count) told by recovery, \(takenBack.count) taken back, \(studio.submitted.count - done) never begun
            """
        )
        var evening = DayAccount()
        evening.asked = [("\(outcome.operation)", "create after the crash")]
        evening.interrupted = Set(studio.submitted.map(\.id))
        settle("Evening", evening, lines)
    }

    private func settle(_ name: String, _ account: DayAccount, _ events: [EventLine]) {
        let entries = account.explain(events)
        print("\(name)\n\(DayAccount.log(entries))")
        let unexplained = entries.filter { $0.why == nil }.map(\.event.text)
        #expect(unexplained.isEmpty, "nothing that was done explains\n\(unexplained.joined(separator: "\n"))")
        let missing = account.missing(in: events)
        #expect(missing.isEmpty, "\(missing)")
    }
}
