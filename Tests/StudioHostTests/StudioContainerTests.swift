import StudioHost
import Testing

@Suite(.timeLimit(.minutes(5))) struct StudioContainerTests {
    @Test("opening before the bus is there is refused with a typed error")
    func openBeforeStart() async {
        let container = StudioContainer()
        let error = await #expect(throws: StudioError.self) { try await container.open("/nowhere") }
        #expect(error?.code == .notStarted)
        #expect(error?.cause == nil)
    }

    @Test("a container is started once")
    func startTwice() async throws {
        let container = StudioContainer()
        try await container.start()
        let error = await #expect(throws: StudioError.self) { try await container.start() }
        #expect(error?.code == .alreadyStarted)
        await container.stop()
    }

    @Test("after stop nothing is opened or started", arguments: [true, false])
    func afterStop(wasStarted: Bool) async throws {
        let container = StudioContainer()
        if wasStarted { try await container.start() }
        await container.stop()
        let openError = await #expect(throws: StudioError.self) { try await container.open("/nowhere") }
        #expect(openError?.code == .stopped)
        let startError = await #expect(throws: StudioError.self) { try await container.start() }
        #expect(startError?.code == .stopped)
    }

    @Test("stop ends the bus after what was published, and a second stop waits for the first")
    func stopEndsTheBus() async throws {
        let container = StudioContainer()
        let bus = try await container.start()
        let texts = bus.subscribe(to: String.self)
        bus.publish("last")
        async let first: Void = container.stop()
        async let second: Void = container.stop()
        _ = await (first, second)
        #expect(await collect(texts) == ["last"])
    }
}
