extension Snapshot {
    /// What the assets at these roots say here and did not say in `old`, wherever they were then.
    package func diagnosticsNew(since old: Snapshot, at roots: [AssetRoot]) -> [Diagnostic] {
        var seen = Set<AssetRoot>()
        return roots.filter { seen.insert($0).inserted }.flatMap { table.assets(at: $0) }.flatMap { asset in
            let before = asset.uuid.map(old.table.assets(withUUID:)) ?? old.table.assets(at: asset.root)
            let known = Set(before.flatMap(\.diagnostics).map { Said(code: $0.code, message: $0.message) })
            return asset.diagnostics.filter { !known.contains(Said(code: $0.code, message: $0.message)) }
        }
    }

    private struct Said: Hashable {
        var code: DiagnosticCode
        var message: String
    }
}
