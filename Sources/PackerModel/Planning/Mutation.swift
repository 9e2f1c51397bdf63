/// One change that a host asks for.
///
/// As JSON, one object: `{"do":"relocate","asset":"sprites/hero","to":"sprites/villain"}`.
public enum Mutation: Sendable, Equatable {
    /// A folder with a new declaration, also in a folder that has files but no declaration yet.
    case create(NewAsset)
    /// Gives a declaration that nobody registered an id; its uuid stays.
    case register(AssetReference, isIncludedInBuild: Bool = true)
    case include(AssetReference)
    case exclude(AssetReference)
    /// Changes values of the declaration, and no other byte of it.
    case update(AssetReference, [DeclarationChange])
    /// Moves an asset, or a folder that holds several, with everything in it. Its identity does not change.
    case relocate(AssetReference, to: AssetRoot)
    /// Takes it out of the registry; its files stay.
    case unregister(AssetReference)
    /// Moves an asset, or a folder that holds several, to the trash, out of the registry.
    case delete(AssetReference)
    /// Puts back what one deletion took, with its identity: to where it was, or to another root.
    case restore(AssetReference, to: AssetRoot? = nil)
    /// Removes everything in the trash for good.
    case emptyTrash
    /// Gives an asset whose id or uuid stands twice another: the one that is named, not the others.
    case reidentify(AssetReference)

    /// The asset or folder that it is about; nil for those that are about none that is there.
    var asset: AssetReference? {
        switch self {
        case .register(let asset, _), .include(let asset), .exclude(let asset), .update(let asset, _),
            .relocate(let asset, _), .unregister(let asset), .delete(let asset), .reidentify(let asset):
            asset
        case .create, .restore, .emptyTrash: nil
        }
    }

    /// A short name for logs and events.
    public var name: String {
        switch self {
        case .create: "create"
        case .register: "register"
        case .include: "include"
        case .exclude: "exclude"
        case .update: "update"
        case .relocate: "relocate"
        case .unregister: "unregister"
        case .delete: "delete"
        case .restore: "restore"
        case .emptyTrash: "emptyTrash"
        case .reidentify: "reidentify"
        }
    }
}
