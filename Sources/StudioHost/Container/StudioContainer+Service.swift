#if ServiceLifecycle
    import Packer
    public import ServiceLifecycle

    /// The container in a service group of swift-service-lifecycle.
    ///
    /// Start it before the group runs where other services of the group open projects or subscribe: a group does not
    /// wait for one service before it runs the next.
    extension StudioContainer: Service {
        /// Starts the container unless that was done, and returns when it has been stopped: a graceful shutdown drains
        /// the projects' lanes, a cancellation cancels what waits in them.
        /// - Throws: `container.stopped` when it was stopped before.
        public func run() async throws {
            switch Result(catching: { () throws(StudioError) in try start() }) {
            case .success: break
            case .failure(let error) where error.code == .alreadyStarted: break
            case .failure(let error): throw error
            }
            await withTaskCancellationHandler {
                await withGracefulShutdownHandler {
                    await stopped()
                } onGracefulShutdown: {
                    Task { await self.stop(.drain) }
                }
            } onCancel: {
                Task { await self.stop(.cancel) }
            }
        }
    }
#endif
