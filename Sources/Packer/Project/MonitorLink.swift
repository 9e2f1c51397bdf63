import LinuxFiles
import PackerModel
import TreeMonitor

/// Passes the monitor's hints on to those whom they concern.
final class MonitorLink: Sendable {
    /// Set once, before the project is handed out; nil where there is no watch.
    private let watch = Guarded<TreeWatch?>(nil)

    /// What comes before there is a ledger waits here. Not part of this object, which holds the watch that holds it.
    private let relay = Guarded(Relay())

    private struct Relay {
        var ledger: DivergenceLedger?
        var waiting: [TreeHint] = []
    }

    /// Starts to watch. It may be while the first snapshot is still being made: a folder that was read before is looked
    /// at again once it is watched.
    /// - Parameter onJournal: called when the commit journal changed.
    /// - Throws: only where the host itself breaks the library; anything else degrades the coverage.
    func start(
        _ assets: Handle, _ disk: any Disk, onJournal: @escaping @Sendable () -> Void = {}
    ) throws(PackerError) {
        let relay = relay
        let control = BytePath(Snapshot.controlPath)
        do throws(MonitorError) {
            let watch = try TreeMonitor.shared.watch(
                assets, disk: disk, ignoring: { $0 != control && control.contains($0) },
                hints: { hint in
                    if hint == .changed(control) { onJournal() }
                    if case .changed(let path) = hint, path != control, control.contains(path) {
                        if path.name == "journal" { onJournal() }
                        // Of the packer's own folder only the registry is part of the project.
                        guard let name = path.name.text, RegistrySegment.index(ofFileName: name) != nil else { return }
                    }
                    let ledger = relay.withLock { relay in
                        if relay.ledger == nil { relay.waiting.append(hint) }
                        return relay.ledger
                    }
                    ledger?.hint(hint)
                }
            )
            self.watch.withLock { $0 = watch }
        } catch {
            throw PackerError(.libraryClash, error.message, remedy: error.remedy)
        }
    }

    /// Hands over what was said so far, and from now on everything.
    func connect(_ ledger: DivergenceLedger) {
        // Within the lock: nothing overtakes what waits.
        relay.withLock { relay in
            for hint in relay.waiting { ledger.hint(hint) }
            relay = Relay(ledger: ledger)
        }
    }

    func stop() {
        watch.withLock { $0 }?.stop()
        relay.withLock { $0.ledger = nil }
    }

    func barrier(_ done: @escaping @Sendable () -> Void) {
        if let watch = watch.withLock({ $0 }) { watch.barrier(done) } else { done() }
    }
}
