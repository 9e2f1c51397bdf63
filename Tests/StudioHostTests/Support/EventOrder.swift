import Packer
import Testing

/// A session's events are dense, end with the last one, and tell each operation's life in order.
func checkOrder(of events: [PackerEvent], session: SessionID) {
    #expect(events.allSatisfy { $0.session == session })
    #expect(events.map(\.sequence) == (0..<events.count).map { UInt64($0 + 1) })
    #expect(events.last?.kind == .closed)
    #expect(events.filter { $0.kind == .closed }.count == 1)
    let generations = events.map(\.generation)
    #expect(generations == generations.sorted())
    for (operation, life) in Dictionary(grouping: events.filter { $0.operation != nil }, by: \.operation!) {
        #expect(life.first?.kind.isQueued == true, "\(operation)")
        #expect(life.filter(\.isTerminal).count == 1, "\(operation)")
        // What has ended is not heard of again, but for the copies that it put aside.
        let after = life.drop { !$0.isTerminal }.dropFirst()
        #expect(after.allSatisfy { if case .conflictKept = $0.kind { true } else { false } }, "\(operation)")
    }
}

extension PackerEvent.Kind {
    var isQueued: Bool { if case .operationQueued = self { true } else { false } }
}
