import LinuxFiles
import PackerModel
import WorkspaceFormat

extension WorkspaceScanner {
    /// Reads what every deletion took. What is no longer whole is told, and left where it is.
    func scanTrash(into result: inout ScannedWorkspace) {
        let point = PackerPoint.scanTrash
        do throws(SystemError) {
            let path = BytePath(TrashLayout.path)
            guard let trash = try disk.openIfPresent(path, in: assets, .folder, at: point) else {
                let control = try disk.openIfPresent(path.parent, in: assets, .folder, at: point)
                // A link or a file there is as if there were no folder, but not as if nothing had been deleted.
                if let control, try disk.status(of: path.name, in: control, at: point) != nil {
                    throw SystemError("open", path, SystemError.notAFolder)
                }
                return
            }
            for entry in try disk.list(trash, at: point) {
                guard let operation = entry.name.text.flatMap(AssetUUID.init).map(OperationID.init),
                    let folder = try disk.openIfPresent(entry.name, in: trash, .folder, at: point)
                else { continue }
                for number in try deletions(in: folder) {
                    if let item = try trashItem(operation, number, in: folder) {
                        result.trash.append(item)
                    } else {
                        result.diagnostics.append(Self.unreadableTrash(operation, number))
                    }
                }
            }
        } catch {
            result.diagnostics.append(
                Diagnostic(
                    .trashUnreadable, severity: .warning, path: TrashLayout.path,
                    message: "the trash cannot be read: \(error)", remedy: error.remedy))
        }
    }

    private func deletions(in folder: Handle) throws(SystemError) -> [Int] {
        try disk.list(folder, at: PackerPoint.scanTrash).compactMap { $0.name.text.flatMap { Int($0) } }
    }

    /// One deletion's manifest; nil where it cannot be read.
    func trashItem(
        _ operation: OperationID, _ number: Int, in folder: Handle
    ) throws(SystemError) -> TrashItem? {
        let point = PackerPoint.scanTrash
        guard let file = try disk.openIfPresent(BytePath("\(number).json"), in: folder, .read, at: point),
            try disk.status(of: file, at: point).kind == .file,
            let bytes = try disk.readAll(file, limit: TrashFormat.maximumBytes, at: point)
        else { return nil }
        return TrashFormat().read(bytes, operation: operation, number: number)
    }

    private static func unreadableTrash(_ operation: OperationID, _ number: Int) -> Diagnostic {
        Diagnostic(
            .trashUnreadable, severity: .warning, path: "\(TrashLayout.folder(of: operation).path)/\(number)",
            message: "what was deleted has no record that can be read, and cannot be restored by a command",
            remedy: "Move the folder back by hand and register it, or remove it.")
    }
}
