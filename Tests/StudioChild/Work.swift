import Foundation
import Packer
import StudioHost

/// Creates and relocates until somebody kills the process, batch after batch, and says every event that it hears.
func work(in path: String) async throws {
    let container = StudioContainer()
    let events = try await container.start().subscribe(to: PackerEvent.self) { say(EventLine(event: $0).text) }
    let project = try await container.open(path, options: PackerOptions(settleTime: .zero))
    var number = 0
    while true {
        var last: PackerOperation?
        for _ in 0..<40 {
            number += 1
            let root = try AssetRoot(validating: "afternoon/\(number)")
            let created = try project.submit(.create(NewAsset(root: root, type: .data)))
            say("submitted \(created.id) create \(root)")
            last = created
            if number % 4 == 0 {
                let target = try AssetRoot(validating: "evening/\(number)")
                let moved = try project.submit(.relocate(.root(root), to: target))
                say("submitted \(moved.id) relocate \(root) \(target)")
                last = moved
            }
        }
        _ = try await last?.result
        withExtendedLifetime(events) {}
    }
}

/// One event on one line.
struct EventLine {
    var event: PackerEvent

    var text: String {
        "event \(event.sequence) \(event.generation) \(event.operation.map { "\($0)" } ?? "-") \(kind)"
    }

    private var kind: String {
        switch event.kind {
        case .bootstrapProgress: "bootstrapProgress"
        case .recoveryCompleted: "recoveryCompleted"
        case .snapshotPublished: "snapshotPublished"
        case .operationQueued: "operationQueued"
        case .operationStarted: "operationStarted"
        case .operationProgress: "operationProgress"
        case .operationCommitted: "operationCommitted"
        case .operationFailed: "operationFailed"
        case .operationCancelled: "operationCancelled"
        case .divergenceDetected: "divergenceDetected"
        case .divergenceChanged: "divergenceChanged"
        case .divergenceCleared: "divergenceCleared"
        case .coverageChanged: "coverageChanged"
        case .conflictKept: "conflictKept"
        case .closed: "closed"
        }
    }
}

/// One line that is out before this returns, whatever happens to the process next.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
