import Foundation
import LinuxFiles
import Packer
import PackerTestSupport
import Testing

/// One edit: what, of which file, and where the writer is held up meanwhile.
struct Plan {
    var call: Call
    var action: String
    /// In `EditedProject.places`.
    var file: Int

    var place: String { EditedProject.places[file].path }

    /// Bytes that no other edit writes.
    func edit(_ number: Int, _ start: [String: [UInt8]]) -> ForeignEdit {
        if action == "chmod" { return ForeignEdit(action: action, text: "604") }
        guard place == EditedProject.registry else { return ForeignEdit(action: action, text: "theirs \(number)") }
        // A registry that can still be read.
        let text = String(decoding: start["assets/" + place] ?? [], as: UTF8.self)
        return ForeignEdit(action: action, text: text + String(repeating: "\n", count: 1 + number % 100))
    }
}

/// Looks after each edit for what the editor left, and counts.
final class Account {
    private var made = 0
    private var found: [String: Int] = [:]
    private var missing: [String] = []
    private var withoutTarget = 0
    private var unreached = 0
    private var outcomes: [String: Int] = [:]

    /// - Parameters:
    ///   - sink: what the session told that the editor disturbed.
    ///   - failure: what that session was told itself.
    func close(
        _ plan: Plan, _ edit: ForeignEdit, _ pause: PauseAt, _ folder: TemporaryFolder, _ sink: EventRecorder,
        _ failure: PackerError?, killedAt kill: String? = nil
    ) async throws {
        guard pause.wasReached else {
            unreached += 1
            return
        }
        guard let inode = pause.result else {
            withoutTarget += 1
            return
        }
        made += 1
        outcomes[failure?.code.rawValue ?? "carried out", default: 0] += 1
        var what = "\(plan.action) of \(plan.place) at \(plan.call), told \(failure?.code.rawValue ?? "success")"
        if let kill { what += ", killed at \(kill)" }
        let later = EventRecorder()
        do {
            await (try PackerProject.open(folder, sink: later)).close()
        } catch {
            missing.append("\(what): it does not open again: \(error)")
        }
        let view = View(plan, folder, sink.events + later.events, failure)
        if let where_ = view.finds(edit, inode) {
            found["\(plan.action) \(where_)", default: 0] += 1
        } else {
            missing.append("\(what): \(view.description)")
        }
    }

    func report(_ label: String, _ calls: Int, _ seed: UInt64) {
        let kinds = found.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let told = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let sum = found.values.reduce(0, +)
        print(
            "another process edited \(label), held up at one of \(calls) calls: \(made) edits, \(sum) found "
                + "(\(kinds.joined(separator: ", "))), \(missing.count) missing; the writer was told: "
                + "\(told.joined(separator: ", ")); \(withoutTarget) times there was nothing to act on, "
                + "\(unreached) times the call did not come; seed \(seed)")
        for missing in missing { Issue.record("\(missing); seed \(seed)") }
        #expect(sum == made && made > 60)
    }
}

/// What stands on disk and what was told, after it all.
private struct View: CustomStringConvertible {
    private let folder: TemporaryFolder
    private let places: [String]
    private let conflicts: [Conflict]
    private let reported: Set<String>

    init(_ plan: Plan, _ folder: TemporaryFolder, _ events: [PackerEvent], _ failure: PackerError?) {
        self.folder = folder
        places = [plan.place] + EditedProject.places[plan.file].others
        conflicts = events.compactMap { if case .conflictKept(let conflict) = $0.kind { conflict } else { nil } }
        reported = Set((failure?.paths ?? []) + events.compactMap { $0.divergence?.path } + conflicts.map(\.path))
    }

    /// Where what the editor did is to be seen; nil where it is lost.
    func finds(_ edit: ForeignEdit, _ inode: UInt64) -> String? {
        switch edit.action {
        case "write", "replace":
            let bytes = Array(edit.text.utf8)
            if places.contains(where: { read($0) == bytes }) { return "at its place" }
            return kept.contains { read($0) == bytes } ? "kept and told" : nil
        case "delete":
            if places.allSatisfy({ status($0) == nil }) { return "stands" }
            return places.contains(where: reported.contains) ? "reported" : nil
        case "rename":
            return places.contains { status($0 + ".theirs")?.inode == inode } ? "where it was moved to" : nil
        default:
            let mode = UInt32(edit.text, radix: 8)
            if places.contains(where: { status($0)?.mode == mode }) { return "at its place" }
            return kept.contains { status($0)?.mode == mode } ? "kept and told" : nil
        }
    }

    /// Paths that an event names as kept for one of the places, or for a folder that holds it.
    private var kept: [String] {
        conflicts.flatMap { conflict in
            places.compactMap { place in
                if place == conflict.path { return conflict.keptAt }
                guard place.hasPrefix(conflict.path + "/") else { return nil }
                return conflict.keptAt + place.dropFirst(conflict.path.count)
            }
        }
    }

    private func read(_ path: String) -> [UInt8]? { try? folder.read("assets/" + path) }

    private func status(_ path: String) -> (inode: UInt64, mode: UInt32)? {
        var raw = stat()
        guard lstat(folder.path + "/assets/" + path, &raw) == 0 else { return nil }
        return (UInt64(raw.st_ino), raw.st_mode & 0o7777)
    }

    var description: String {
        let seen = places.map { "\($0) \(status($0).map { "\($0.inode) \(String($0.mode, radix: 8))" } ?? "absent")" }
        return
            "at the end \(seen), kept \(conflicts.map { "\($0.path) at \($0.keptAt)" }), reported \(reported.sorted())"
    }
}
