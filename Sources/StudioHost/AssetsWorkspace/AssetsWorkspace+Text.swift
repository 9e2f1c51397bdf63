import Packer

extension AssetsWorkspace {
    /// The whole page as plain text: for tests, logs and a first look. Not a format to parse.
    public var text: String {
        var page = TextPage()
        page.add(0, header)
        if isClosed { page.add(0, "closed") }
        addListing(to: &page)
        addDetails(to: &page)
        addStaged(to: &page)
        if refresh == .running { page.add(0, "refreshing") }
        addOperations(to: &page)
        if let trash = snapshot?.trash, !trash.isEmpty {
            page.add(0, "in the trash")
            for item in trash { page.add(1, item.wording) }
        }
        if !conflicts.isEmpty { page.add(0, "put aside") }
        for conflict in conflicts { page.add(1, "\(conflict.path) is kept at \(conflict.keptAt)") }
        for error in errors { page.add(error) }
        return page.text
    }

    private var header: String {
        var parts = [project]
        if let snapshot {
            parts.append("generation \(snapshot.generation)")
            parts.append(snapshot.access == .writable ? "writable" : "read-only")
        }
        if let coverage = flags.coverage { parts.append(coverage.wording) }
        return parts.joined(separator: ", ")
    }

    private func addListing(to page: inout TextPage) {
        guard let listing else { return page.add(0, "no list yet") }
        let order = sort.key.rawValue + (sort.isDescending ? ", descending" : "")
        page.add(
            0, "\(listing.rows.count) of \(listing.matching) \(filter.wording), by \(order); \(listing.total) in all")
        page.add(
            1,
            table: listing.rows.map { row in
                [
                    row.isSelected ? ">" : " ", row.asset.id.map { "\($0)" } ?? "-", "\(row.asset.root)",
                    row.asset.name, row.asset.type?.rawValue ?? "-", row.asset.stateText,
                    row.divergences.map { "! " + $0.wording(below: row.asset.root) }.joined(separator: ", "),
                ]
            }
        )
        if listing.hasMore { page.add(1, "... more") }
        let listed = Set(listing.rows.map(\.asset.root))
        let others = flags.all.filter { flag in flag.root.map { !listed.contains($0) } ?? true }
        if !others.isEmpty { page.add(0, "changed outside, not in the list") }
        for flag in others { page.add(1, "! " + flag.wording(below: nil)) }
    }

    private func addDetails(to page: inout TextPage) {
        guard case .success(let details) = details else { return }
        let asset = details.asset
        page.add(0, "details of \(asset.root)")
        page.add(1, "\(asset.name), \(asset.type?.rawValue ?? "no type"), \(asset.stateText)")
        page.add(1, "id \(asset.id.map { "\($0)" } ?? "-"), uuid \(asset.uuid.map { "\($0)" } ?? "-")")
        if let declaration = asset.declaration {
            let preload = declaration.preloadEnabled ? ", preloaded" : ""
            page.add(1, "output \(declaration.output.format), \(declaration.output.codec)\(preload)")
        }
        for input in asset.inputs {
            page.add(1, "\(input.role): \(input.path), \(input.size.map { "\($0) bytes" } ?? "not there")")
        }
        for diagnostic in asset.diagnostics { page.add(1, diagnostic) }
        for flag in details.divergences { page.add(1, "! " + flag.wording(below: asset.root)) }
        for conflict in details.conflicts { page.add(1, "! a copy was put aside: \(conflict.keptAt)") }
    }

    private func addStaged(to page: inout TextPage) {
        guard let staged else { return }
        let name = staged.mutations.map(\.name).joined(separator: " + ")
        switch staged.phase {
        case .previewing: page.add(0, "\(name): asking what it would do")
        case .shown(let preview, let isRenewed):
            let changed = isRenewed ? "it would not do any more what was shown; now, " : ""
            page.add(0, "\(name): \(changed)on generation \(preview.generation) it would")
            page.add(preview)
            page.add(1, staged.canBeApplied ? "[apply] [discard]" : "[discard]")
        case .applying(_, let operation):
            page.add(0, "\(name): being applied" + (operation.map { " as \($0.short)" } ?? ""))
        case .applied(let outcome): page.add(0, "\(name): done in generation \(outcome.generation)")
        case .failed: page.add(0, (name.isEmpty ? "relocate" : name) + ": refused")
        }
    }

    private func addOperations(to page: inout TextPage) {
        if !operations.running.isEmpty { page.add(0, "running") }
        page.add(
            1,
            table: operations.running.map { operation in
                [
                    operation.id.short, operation.name ?? "-", operation.isStarted ? "started" : "waiting",
                    operation.progress.map { "\($0.folders) folders, \($0.assets) assets" } ?? "",
                    canCancel(operation.id) ? "[cancel]" : "",
                ]
            }
        )
        if !operations.ended.isEmpty { page.add(0, "ended") }
        page.add(1, table: operations.ended.map { [$0.id.short, $0.name ?? "-", $0.ending.wording] })
    }
}
