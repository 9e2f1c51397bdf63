/// Values by type, from whoever has news to whoever asked for news of that type.
///
/// - Order: what one thread publishes arrives at each subscriber in that order. Two publishers are not ordered
///   among each other.
/// - Delivery: a subscriber gets every value whose `publish` began after its `subscribe` returned, less what its own
///   policy drops. Each has a buffer of its own: nobody's slowness reaches the publisher or another subscriber.
/// - Thread: any; no call waits, and a callback may publish, subscribe and cancel.
public final class EventBus: Sendable {
    private struct State {
        /// A `Channel<Event>` for each type's identifier.
        var channels: [ObjectIdentifier: any AnyChannel] = [:]
        /// Callbacks that may still have something to deliver.
        var callbacks: [Int: any CallbackEnd] = [:]
        var lastNumber = 0
        var hasEnded = false

        func channel<Event: Sendable>(of type: Event.Type) -> Channel<Event> {
            channels[ObjectIdentifier(type)] as? Channel<Event> ?? Channel(subscribers: [])
        }
    }

    private let state = Locked(State())

    /// What a subscriber's buffer keeps while the subscriber is busy.
    public enum BufferPolicy: Sendable, Equatable {
        /// Everything: for those who must not miss a thing. Its memory is bounded by the subscriber's lag alone.
        case unbounded
        /// The newest values; older ones are dropped. At least 1.
        case newest(Int)
    }

    package init() {}

    deinit { end() }

    /// Puts a value into the buffer of everyone who subscribed to exactly this type. After the end nobody is left.
    public func publish<Event: Sendable>(_ event: Event) {
        // Delivered without the lock, so that a subscriber that ends meanwhile does not wait for itself.
        for subscriber in state.withLock({ $0.channel(of: Event.self).subscribers }) { subscriber.put(event) }
    }

    /// Values of one type from now on, for one reader.
    ///
    /// It unsubscribes when the sequence is dropped or the reading task is cancelled. After the end of the bus it
    /// gives what is buffered, then ends.
    public func subscribe<Event: Sendable>(
        to type: Event.Type,
        policy: BufferPolicy = .unbounded
    ) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: type, bufferingPolicy: policy.ofStream())
        let number = add(type, put: { continuation.yield($0) }, end: { continuation.finish() })
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(type, number) }
        return stream
    }

    /// Calls `body` with the values of one type from now on: one at a time, in order, on a queue of the
    /// subscription's own, so that it may take its time.
    ///
    /// - Returns: the subscription, which ends when it is cancelled or let go. After the end of the bus, `body` is
    ///   called with what is buffered, and the container's `stop` waits for that.
    public func subscribe<Event: Sendable>(
        to type: Event.Type,
        policy: BufferPolicy = .unbounded,
        _ body: @escaping @Sendable (Event) -> Void
    ) -> EventSubscription {
        let delivery = CallbackDelivery(capacity: policy.capacity, body)
        guard let number = add(type, put: delivery.put, end: delivery.end, callback: delivery) else {
            return EventSubscription {}
        }
        return EventSubscription { [weak self] in
            delivery.cancel()
            self?.remove(type, number)
        }
    }

    // MARK: End

    /// Ends every subscription once its buffer has been read.
    package func end() {
        let ended = state.withLock { state in
            state.hasEnded = true
            defer { state.channels = [:] }
            return state.channels.values.map { $0 }
        }
        for channel in ended { channel.end() }
    }

    /// Returns when the bus has ended and every callback has been called with the last value that it gets.
    package func endAndDeliver() async {
        end()
        for callback in state.withLock({ Array($0.callbacks.values) }) { await callback.delivered() }
        withExtendedLifetime(
            state.withLock { state in
                defer { state.callbacks = [:] }
                return state.callbacks
            }
        ) {}
    }

    /// How many listen for a type.
    package func subscriberCount<Event: Sendable>(of type: Event.Type) -> Int {
        state.withLock { $0.channel(of: type).subscribers.count }
    }

    // MARK: Subscribers

    /// Nil after the end.
    private func add<Event: Sendable>(
        _ type: Event.Type,
        put: @escaping @Sendable (Event) -> Void,
        end: @escaping @Sendable () -> Void,
        callback: (any CallbackEnd)? = nil
    ) -> Int? {
        state.withLock { state -> Int? in
            guard !state.hasEnded else { return nil }
            state.lastNumber += 1
            let subscriber = Channel<Event>.Subscriber(number: state.lastNumber, put: put, end: end)
            state.channels[ObjectIdentifier(type)] = state.channel(of: type).adding(subscriber)
            state.callbacks[state.lastNumber] = callback
            return state.lastNumber
        }
    }

    private func remove<Event: Sendable>(_ type: Event.Type, _ number: Int) {
        // What is removed goes after the lock: it may hold the last reference to a subscriber's own things.
        withExtendedLifetime(
            state.withLock { state in
                let old = (state.channels[ObjectIdentifier(type)], state.callbacks.removeValue(forKey: number))
                if !state.hasEnded {
                    state.channels[ObjectIdentifier(type)] = state.channel(of: type).removing(number)
                }
                return old
            }
        ) {}
    }
}

extension EventBus.BufferPolicy {
    fileprivate var capacity: Int? {
        switch self {
        case .unbounded: return nil
        case .newest(let count):
            precondition(count > 0, "a buffer that keeps nothing delivers nothing")
            return count
        }
    }

    fileprivate func ofStream<Event>() -> AsyncStream<Event>.Continuation.BufferingPolicy {
        capacity.map { .bufferingNewest($0) } ?? .unbounded
    }
}

private protocol AnyChannel: Sendable {
    func end()
}

/// Those who subscribed to one type, in the order in which they came. Immutable, so that a publisher can walk it
/// without the lock.
private struct Channel<Event: Sendable>: AnyChannel {
    struct Subscriber: Sendable {
        let number: Int
        let put: @Sendable (Event) -> Void
        let end: @Sendable () -> Void
    }

    let subscribers: [Subscriber]

    func adding(_ subscriber: Subscriber) -> Channel { Channel(subscribers: subscribers + [subscriber]) }

    func removing(_ number: Int) -> Channel? {
        let rest = subscribers.filter { $0.number != number }
        return rest.isEmpty ? nil : Channel(subscribers: rest)
    }

    func end() {
        for subscriber in subscribers { subscriber.end() }
    }
}
