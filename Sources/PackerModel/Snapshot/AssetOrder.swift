/// Sorts assets without a reference count or a string comparison by Character for every step: bootstrap sorts them all.
enum AssetOrder {
    /// By their keys.
    static func sorted(_ assets: [Asset]) -> [Asset] {
        var bytes: [UInt8] = []
        var offsets = [0]
        offsets.reserveCapacity(assets.count + 1)
        bytes.reserveCapacity(assets.count * 48)
        for asset in assets {
            bytes.append(contentsOf: asset.root.path.utf8)
            offsets.append(bytes.count)
        }
        var order = Array(0..<assets.count)
        bytes.withUnsafeBytes { bytes in
            offsets.withUnsafeBufferPointer { offsets in
                func path(_ index: Int) -> UnsafeRawBufferPointer {
                    UnsafeRawBufferPointer(rebasing: bytes[offsets[index]..<offsets[index + 1]])
                }
                order.sort { left, right in
                    let order = compareBytes(path(left), path(right))
                    return order != 0 ? order < 0 : assets[left].key < assets[right].key
                }
            }
        }
        return order.map { assets[$0] }
    }
}
