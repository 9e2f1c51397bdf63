/// New uuids for a plan: drawn at random and remembered, or the ones that a preview has shown.
package struct IdentitySource: Sendable {
    /// In the order in which they were asked for.
    package private(set) var given: [AssetUUID] = []
    private var shown: ArraySlice<AssetUUID>

    package init(shown: [AssetUUID] = []) { self.shown = shown[...] }

    mutating func next(using generator: inout some RandomNumberGenerator) -> AssetUUID {
        let uuid = shown.popFirst() ?? AssetUUID(using: &generator)
        given.append(uuid)
        return uuid
    }
}
