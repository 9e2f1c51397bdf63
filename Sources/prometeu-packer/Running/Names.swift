import Packer

extension AssetReference {
    /// A reference as it was typed.
    /// - Throws: `asset.unknown` for what no asset can be named by.
    init(argument: String) throws(PackerError) {
        guard let reference = AssetReference(argument) else {
            throw PackerError(
                .assetUnknown,
                "\"\(argument)\" names no asset",
                paths: [argument],
                remedy: "Give its id, its uuid in lower case, or its root."
            )
        }
        self = reference
    }
}

extension AssetRoot {
    /// A root to be made, as it was typed.
    /// - Throws: `name.invalid`.
    init(argument: String) throws(PackerError) {
        do {
            try self.init(validating: argument)
        } catch {
            throw PackerError(
                .nameInvalid,
                error.message,
                paths: [argument],
                remedy: "Choose a root of folder names, separated by /, that works on every system."
            )
        }
    }
}
