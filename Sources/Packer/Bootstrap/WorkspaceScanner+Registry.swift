import LinuxFiles
import PackerModel
import WorkspaceFormat

extension WorkspaceScanner {
    /// Reads every segment of the registry.
    func scanRegistry(into result: inout ScannedWorkspace) {
        let control = BytePath(Self.controlName)
        do throws(SystemError) {
            guard let folder = try disk.openIfPresent(control, in: assets, .folder, at: PackerPoint.scanRegistry) else {
                return
            }
            let format = RegistryFormat()
            for entry in try disk.list(folder, at: PackerPoint.scanRegistry) {
                guard let name = entry.name.text, name.hasPrefix("index"), name.hasSuffix(".json") else { continue }
                guard let index = RegistrySegment.index(ofFileName: name) else {
                    result.diagnostics.append(
                        Diagnostic(
                            .registryUnknownFile, severity: .warning, path: "\(Self.controlName)/\(name)",
                            message: "not a name of a registry file, and not read",
                            remedy: "Remove it, or give it back its name."
                        ))
                    continue
                }
                result.segments.append(segment(index, entry.name, in: folder, format))
            }
        } catch {
            result.segments.append(Self.unreadable(0, error))
        }
    }

    private func segment(
        _ index: Int, _ name: BytePath, in folder: Handle, _ format: RegistryFormat
    ) -> ScannedSegment {
        let path = "\(Self.controlName)/\(name)"
        do throws(SystemError) {
            let file = try disk.open(name, in: folder, .read, at: PackerPoint.scanRegistry)
            let started = MonotonicClock.fileTime()
            let status = try disk.status(of: file, at: PackerPoint.scanRegistry)
            guard status.kind == .file else { throw SystemError("read", name, SystemError.notAFile) }
            guard
                let bytes = try disk.readAll(
                    file, limit: RegistryFormat.maximumBytes, sizeHint: Int(status.size), at: PackerPoint.scanRegistry
                )
            else { throw SystemError("read", name, SystemError.tooLarge) }
            return ScannedSegment(
                index: index,
                fingerprint: Fingerprint(status, digest: ContentDigest(of: bytes)).doubtingChange(since: started),
                reading: format.read(bytes, index: index, path: path)
            )
        } catch {
            return Self.unreadable(index, error)
        }
    }

    private static func unreadable(_ index: Int, _ error: SystemError) -> ScannedSegment {
        ScannedSegment(
            index: index,
            fingerprint: Fingerprint(kind: .other, size: 0, modified: 0, changed: 0, inode: 0, isExecutable: false),
            reading: RegistryReading(
                segment: nil,
                diagnostics: [
                    Diagnostic(
                        .registryUnreadable, path: "\(controlName)/\(RegistrySegment.fileName(index))",
                        message: "cannot be read: \(error)", remedy: error.remedy
                    )
                ]
            )
        )
    }
}
