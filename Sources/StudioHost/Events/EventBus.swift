import Foundation

/// Values by type, from whoever has news to whoever asked for news of that type.
///
/// - Order: what one thread publishes arrives at each subscriber in that order. Two publishers are not ordered
///   among each other.
/// - Delivery: a subscriber gets every value whose `publish` began after its `subscribe` returned, less what its own
///   policy drops. Nobody's slowness reaches the publisher or another subscriber.
/// - Thread: any; no call waits.
public final class EventBus: @unchecked Sendable {
    // Unchecked: `channels` and `hasEnded` are touched only with `lock` held. NSLock, because the thread sanitizer
    // understands it; no foreign code runs while it is held.
    private let lock = NSLock()
    /// A `Channel<Event>` for each type's identifier.
    private var channels: [ObjectIdentifier: any AnyChannel] = [:]
    private var hasEnded = false

    /// What a subscriber's buffer keeps while the subscriber is busy.
    public enum BufferPolicy: Sendable, Equatable {
        /// Everything: for those who must not miss a thing.
        case unbounded
        /// The newest values; older ones are dropped. At least 1.
        case newest(Int)
    }

    package init() {}

    deinit { end() }

    /// Puts a value into the buffer of everyone who subscribed to exactly this type. After `end` nobody is left.
    public func publish<Event: Sendable>(_ event: Event) {
        let subscribers = lock.withLock { channel(of: Event.self).subscribers }
        for subscriber in subscribers { subscriber.yield(event) }
    }

    /// Values of one type from now on, for one reader. It unsubscribes when the sequence is dropped or the reading
    /// task is cancelled. After `end` it gives what is buffered, then ends.
    public func subscribe<Event: Sendable>(
        to type: Event.Type,
        policy: BufferPolicy = .unbounded
    ) -> AsyncStream<Event> {
        let (stream, subscriber) = AsyncStream.makeStream(of: type, bufferingPolicy: policy.ofStream())
        subscriber.onTermination = { [weak self] _ in self?.unsubscribe(subscriber) }
        let isOpen = lock.withLock {
            if !hasEnded { channels[ObjectIdentifier(type)] = channel(of: type).adding(subscriber) }
            return !hasEnded
        }
        if !isOpen { subscriber.finish() }
        return stream
    }

    /// Ends every subscription once its buffer has been read.
    package func end() {
        let ended = lock.withLock {
            hasEnded = true
            defer { channels = [:] }
            return channels.values.map { $0 }
        }
        for channel in ended { channel.finish() }
    }

    /// How many listen for a type.
    package func subscriberCount<Event: Sendable>(of type: Event.Type) -> Int {
        lock.withLock { channel(of: type).subscribers.count }
    }

    private func unsubscribe<Event: Sendable>(_ subscriber: AsyncStream<Event>.Continuation) {
        lock.withLock {
            guard !hasEnded else { return }
            channels[ObjectIdentifier(Event.self)] = channel(of: Event.self).removing(subscriber)
        }
    }

    /// Call it with `lock` held.
    private func channel<Event: Sendable>(of type: Event.Type) -> Channel<Event> {
        channels[ObjectIdentifier(type)] as? Channel<Event> ?? Channel(subscribers: [])
    }
}

extension EventBus.BufferPolicy {
    fileprivate func ofStream<Event>() -> AsyncStream<Event>.Continuation.BufferingPolicy {
        switch self {
        case .unbounded: return .unbounded
        case .newest(let count):
            precondition(count > 0, "a buffer that keeps nothing delivers nothing")
            return .bufferingNewest(count)
        }
    }
}

private protocol AnyChannel: Sendable {
    func finish()
}

/// Those who subscribed to one type, in the order in which they came. Immutable, so that a publisher can walk it
/// without the lock.
private struct Channel<Event: Sendable>: AnyChannel {
    let subscribers: [AsyncStream<Event>.Continuation]

    func adding(_ subscriber: AsyncStream<Event>.Continuation) -> Channel {
        Channel(subscribers: subscribers + [subscriber])
    }

    func removing(_ subscriber: AsyncStream<Event>.Continuation) -> Channel? {
        let rest = subscribers.filter { $0 != subscriber }
        return rest.isEmpty ? nil : Channel(subscribers: rest)
    }

    func finish() {
        for subscriber in subscribers { subscriber.finish() }
    }
}
