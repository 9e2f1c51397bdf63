import Foundation
import Packer

/// What every peer stores of an asset: as much as a row of the list and the details view need.
struct Row: Sendable {
    var id: UInt32
    var uuid: String
    var root: String
    var name: String
    var type: String
    var isIncluded: Bool
    /// The declaration's text, which details are read of.
    var declaration: String

    /// The registered assets of a snapshot, with their declarations from disk.
    static func all(of snapshot: Snapshot, at project: String) throws -> [Row] {
        try snapshot.everyAsset.compactMap { asset in
            guard let id = asset.id, let uuid = asset.uuid else { return nil }
            return Row(
                id: id.rawValue, uuid: uuid.description, root: asset.root.path, name: asset.name,
                type: asset.type?.rawValue ?? "", isIncluded: asset.isIncludedInBuild,
                declaration: try String(
                    contentsOfFile: "\(project)/assets/\(asset.declarationPath)", encoding: .utf8))
        }
    }
}
