import Foundation
import Packer
import PackerTestSupport
import StudioHost

/// Creates and relocates until somebody kills the process, and says every event that it hears. The lane is never idle:
/// a batch is submitted while the one before it is at work.
func work(in path: String) async throws {
    let container = StudioContainer()
    let events = try await container.start().subscribe(to: PackerEvent.self) { say(EventLine($0).text) }
    let project = try await container.open(path, options: PackerOptions(settleTime: .zero))
    var number = 0
    var before: PackerOperation?
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
        _ = try await before?.result
        before = last
        withExtendedLifetime(events) {}
    }
}

/// One line that is out before this returns, whatever happens to the process next.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
