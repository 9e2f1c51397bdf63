#if ServiceLifecycle
    import Logging
    import Packer
    import PackerTestSupport
    import ServiceLifecycle
    import StudioHost
    import Testing

    /// The container as one of a host's services.
    @Suite(.timeLimit(.minutes(5))) struct ServiceGroupTests {
        /// A service that opens a project, leaves commands in its lane, and waits for the shutdown.
        private struct Page: Service {
            let container: StudioContainer
            let folder: TemporaryFolder
            let opened: Log<[PackerOperation]>

            func run() async throws {
                let project = try await container.open(
                    folder.path, options: PackerOptions(createsWorkspace: true, settleTime: .zero)
                )
                let operations = try (0..<50).map { number in
                    try project.submit(
                        .create(NewAsset(root: AssetRoot(validating: "a/\(number)"), type: .data))
                    )
                }
                opened.append(operations)
                try await gracefulShutdown()
            }
        }

        private func group(_ services: [any Service]) -> ServiceGroup {
            ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: services, gracefulShutdownSignals: [],
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
            )
        }

        @Test("a service group's graceful shutdown drains the lanes, delivers the last event, and ends the container")
        func graceful() async throws {
            let container = StudioContainer()
            let events = try await container.start().subscribe(to: PackerEvent.self)
            let opened = Log<[PackerOperation]>()
            let page = Page(container: container, folder: try TemporaryFolder(), opened: opened)
            let group = group([container, page])
            async let run: Void = group.run()
            let operations = await opened.entries(1)[0]
            await group.triggerGracefulShutdown()
            try await run
            for operation in operations { _ = try await operation.result }
            let all = await collect(events)
            #expect(all.last?.kind == .closed)
            #expect(all.filter(\.isTerminal).map(\.operation) == operations.map(\.id))
            let error = await #expect(throws: StudioError.self) { try await container.open(page.folder.path) }
            #expect(error?.code == .stopped)
        }

        @Test("a service group that is cancelled ends the container, and every operation has its end")
        func cancelled() async throws {
            let container = StudioContainer()
            let events = try await container.start().subscribe(to: PackerEvent.self)
            let opened = Log<[PackerOperation]>()
            let page = Page(container: container, folder: try TemporaryFolder(), opened: opened)
            let group = group([container, page])
            let run = Task { try await group.run() }
            let operations = await opened.entries(1)[0]
            run.cancel()
            _ = await run.result
            let all = await collect(events)
            #expect(all.last?.kind == .closed)
            #expect(all.filter(\.isTerminal).map(\.operation) == operations.map(\.id))
        }

        @Test("a service group starts the bus of a container that nobody started")
        func starts() async throws {
            let container = StudioContainer()
            let group = group([container])
            let run = Task { try await group.run() }
            var isUp = false
            while !isUp {
                isUp = (try? await container.bus) != nil
                await Task.yield()
            }
            await group.triggerGracefulShutdown()
            try await run.value
            let error = await #expect(throws: StudioError.self) { try await container.run() }
            #expect(error?.code == .stopped)
        }
    }
#endif
