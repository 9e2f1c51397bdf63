import LinuxFiles
import PackerModel
import TreeMonitor

/// Passes the monitor's hints on to those whom they concern.
final class MonitorLink: Sendable {
    /// Set once, before the project is handed out; nil where there is no watch.
    private let watch = Guarded<TreeWatch?>(nil)

    /// - Parameter onJournal: called when the commit journal changed.
    /// - Throws: only where the host itself breaks the library; anything else degrades the coverage.
    func start(
        _ core: ProjectCore, onJournal: @escaping @Sendable () -> Void
    ) throws(PackerError) {
        let ledger = core.ledger
        let control = BytePath(Snapshot.controlPath)
        do throws(MonitorError) {
            let watch = try TreeMonitor.shared.watch(
                core.assets, disk: core.disk, ignoring: { $0 != control && control.contains($0) },
                hints: { hint in
                    if hint == .changed(control) { onJournal() }
                    if case .changed(let path) = hint, path != control, control.contains(path) {
                        if path.name == "journal" { onJournal() }
                        // Of the packer's own folder only the registry is part of the project.
                        guard let name = path.name.text, RegistrySegment.index(ofFileName: name) != nil else { return }
                    }
                    ledger.hint(hint)
                }
            )
            self.watch.withLock { $0 = watch }
        } catch {
            throw PackerError(.libraryClash, error.message, remedy: error.remedy)
        }
    }

    func stop() { watch.withLock { $0 }?.stop() }

    func barrier(_ done: @escaping @Sendable () -> Void) {
        if let watch = watch.withLock({ $0 }) { watch.barrier(done) } else { done() }
    }
}
