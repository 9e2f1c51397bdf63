import StudioHost
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventCallbackTests {
    @Test("a callback gets the values of its type, one at a time and in order, whatever thread publishes them")
    func oneAtATime() async {
        let bus = EventBus()
        let log = Log<(publisher: Int, number: Int)>()
        let inside = Counter()
        let subscription = bus.subscribe(to: News.self) { news in
            #expect(inside.add(1) == 1)
            log.append((news.publisher, news.number))
            inside.add(-1)
        }
        await withDiscardingTaskGroup { group in
            for publisher in 0..<4 {
                group.addTask {
                    for number in 0..<500 {
                        bus.publish(News(publisher: publisher, number: number))
                        bus.publish("\(number)")
                    }
                }
            }
        }
        await bus.endAndDeliver()
        #expect(log.entries.count == 2_000)
        for publisher in 0..<4 {
            #expect(log.entries.filter { $0.publisher == publisher }.map(\.number) == Array(0..<500))
        }
        subscription.cancel()
    }

    @Test("callbacks that block hold up neither the publisher nor another subscriber, and miss nothing")
    func blocked() async {
        let bus = EventBus()
        let gate = Gate()
        // More of them than there are threads for tasks.
        let logs = (0..<16).map { _ in Log<Int>() }
        let blocked = logs.map { log in
            bus.subscribe(to: News.self) { news in
                gate.pass()
                log.append(news.number)
            }
        }
        let free = Log<Int>()
        let other = bus.subscribe(to: News.self) { free.append($0.number) }
        var reader = bus.subscribe(to: News.self).makeAsyncIterator()
        bus.publish(News(number: 0))
        await gate.arrived(16)
        for number in 1..<1_000 { bus.publish(News(number: number)) }
        for number in 0..<1_000 { #expect(await reader.next()?.number == number) }
        #expect(await free.entries(1_000) == Array(0..<1_000))
        #expect(logs.flatMap(\.entries).isEmpty)
        gate.open()
        await bus.endAndDeliver()
        for log in logs { #expect(log.entries == Array(0..<1_000)) }
        withExtendedLifetime((blocked, other)) {}
    }

    @Test(
        "a callback's buffer keeps what its policy says",
        arguments: [(EventBus.BufferPolicy.unbounded, 1), (.newest(1), 99), (.newest(10), 90)]
    )
    func policies(policy: EventBus.BufferPolicy, firstKept: Int) async {
        let bus = EventBus()
        let gate = Gate()
        let log = Log<Int>()
        let subscription = bus.subscribe(to: News.self, policy: policy) { news in
            gate.pass()
            log.append(news.number)
        }
        bus.publish(News(number: 0))
        await gate.arrived()
        for number in 1..<100 { bus.publish(News(number: number)) }
        gate.open()
        await bus.endAndDeliver()
        #expect(log.entries == [0] + Array(firstKept..<100))
        subscription.cancel()
    }

    @Test("a cancelled callback finishes its call and gets no other", arguments: [true, false])
    func cancelled(byLettingGo: Bool) async {
        let bus = EventBus()
        let gate = Gate()
        let log = Log<Int>()
        var subscription: EventSubscription? = bus.subscribe(to: News.self) { news in
            gate.pass()
            log.append(news.number)
        }
        for number in 0..<10 { bus.publish(News(number: number)) }
        await gate.arrived()
        if !byLettingGo { subscription?.cancel() }
        subscription = nil
        #expect(bus.subscriberCount(of: News.self) == 0)
        bus.publish(News(number: 10))
        gate.open()
        #expect(await log.entries(1) == [0])
        // The queue of the callback has nothing behind the call that was under way.
        await bus.endAndDeliver()
        #expect(log.entries == [0])
    }

    @Test("a callback may publish, subscribe and cancel")
    func reentrant() async {
        let bus = EventBus()
        let numbers = Log<Int>()
        let texts = Log<String>()
        let inner = Log<EventSubscription>()
        let subscription = bus.subscribe(to: News.self) { news in
            if news.number == 0 {
                inner.append(bus.subscribe(to: String.self) { texts.append($0) })
                bus.publish("in time")
            } else {
                inner.entries[0].cancel()
                bus.publish("too late")
            }
            numbers.append(news.number)
        }
        bus.publish(News(number: 0))
        #expect(await texts.entries(1) == ["in time"])
        bus.publish(News(number: 1))
        #expect(await numbers.entries(2) == [0, 1])
        await bus.endAndDeliver()
        #expect(texts.entries == ["in time"])
        subscription.cancel()
    }

    @Test("after the end a callback is called with what is buffered, and a new one never")
    func end() async {
        let bus = EventBus()
        let gate = Gate()
        let log = Log<String>()
        let subscription = bus.subscribe(to: News.self) { news in
            gate.pass()
            log.append("news \(news.number)")
        }
        bus.publish(News(number: 0))
        await gate.arrived()
        bus.publish(News(number: 1))
        bus.end()
        bus.publish(News(number: 2))
        let late = bus.subscribe(to: News.self) { log.append("late \($0.number)") }
        let end = Task {
            await bus.endAndDeliver()
            log.append("ended")
        }
        // Time for an end that does not wait to come first.
        for _ in 0..<1_000 { await Task.yield() }
        gate.open()
        await end.value
        #expect(log.entries == ["news 0", "news 1", "ended"])
        withExtendedLifetime((subscription, late)) {}
    }
}

struct News: Sendable, Equatable {
    var publisher = 0
    var number: Int
}
