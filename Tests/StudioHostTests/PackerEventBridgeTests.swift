import Packer
import StudioHost
import Testing

@Suite(.timeLimit(.minutes(5))) struct PackerEventBridgeTests {
    @Test("every event of a session reaches the bus unchanged, in the order of its sequence")
    func order() async {
        let bus = EventBus()
        let received = bus.subscribe(to: PackerEvent.self)
        let bridge: any PackerEventSink = PackerEventBridge(to: bus)
        let session = SessionID.sample(1)
        let events = (1...1_000).map { PackerEvent.sample(session, UInt64($0), .operationQueued(name: "\($0)")) }
        for event in events { bridge.publish(event) }
        bus.end()
        #expect(await collect(received) == events)
    }

    @Test("the events of two sessions keep their own order on one bus")
    func twoSessions() async {
        let bus = EventBus()
        let received = bus.subscribe(to: PackerEvent.self)
        let sessions = [SessionID.sample(1), .sample(2)]
        await withDiscardingTaskGroup { group in
            for session in sessions {
                group.addTask {
                    let bridge = PackerEventBridge(to: bus)
                    for sequence in 1...500 { bridge.publish(.sample(session, UInt64(sequence), .operationStarted)) }
                }
            }
        }
        bus.end()
        let all = await collect(received)
        for session in sessions {
            #expect(all.filter { $0.session == session }.map(\.sequence) == Array(1...500))
        }
    }
}
