import LinuxFiles
import PackerModel

/// Finds what was kept under `conflicts/`, in this session or an earlier one.
enum KeptConflicts {
    private static let path = BytePath(Snapshot.controlPath + "/conflicts")
    private static let point = PackerPoint.scanConflicts
    /// Folders are not followed any deeper: nothing that a workspace can hold lies there.
    private static let depth = 64

    /// Every kept file, in the order of its path. What cannot be read is passed over: it is still there.
    static func list(in assets: Handle, disk: any Disk) -> [Conflict] {
        var found: [Conflict] = []
        do throws(SystemError) {
            guard let conflicts = try disk.openIfPresent(path, in: assets, .folder, at: point) else { return [] }
            for entry in try disk.list(conflicts, at: point) {
                // `unclaimed` holds what no journal knew: nobody can say whose it was.
                let operation = entry.name.text.flatMap(operation)
                guard let folder = try disk.openIfPresent(entry.name, in: conflicts, .folder, at: point) else {
                    continue
                }
                for (place, at) in files(in: folder, .root, depth: depth, disk) {
                    found.append(
                        Conflict(
                            path: place.description,
                            keptAt: path.appending(entry.name).appending(at).description, operation: operation))
                }
            }
        } catch {
            return found
        }
        return found.sorted { ($0.path, $0.keptAt) < ($1.path, $1.keptAt) }
    }

    private static func operation(_ name: String) -> OperationID? {
        guard name.utf8.count == 32, let high = UInt64(name.prefix(16), radix: 16),
            let low = UInt64(name.suffix(16), radix: 16)
        else { return nil }
        return OperationID(AssetUUID(halves: (high, low)))
    }

    private static func files(
        in folder: Handle, _ path: BytePath, depth: Int, _ disk: any Disk
    ) -> [(place: BytePath, at: BytePath)] {
        guard depth > 0 else { return [] }
        do throws(SystemError) {
            let entries = try disk.list(folder, at: point)
            let names = Set(entries.map(\.name))
            var found: [(BytePath, BytePath)] = []
            for entry in entries {
                let at = path.appending(entry.name)
                if let child = try? disk.openIfPresent(entry.name, in: folder, .folder, at: point) {
                    found += files(in: child, at, depth: depth - 1, disk)
                } else {
                    found.append((path.appending(first(entry.name, of: names)), at))
                }
            }
            return found
        } catch {
            return []
        }
    }

    /// A second file that was kept for one place has `.2` after its name.
    private static func first(_ name: BytePath, of names: Set<BytePath>) -> BytePath {
        guard let dot = name.bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0,
            let number = Int(String(decoding: name.bytes[(dot + 1)...], as: UTF8.self)), number > 1
        else { return name }
        let stem = BytePath(bytes: Array(name.bytes[..<dot]))
        return names.contains(stem) ? stem : name
    }
}
