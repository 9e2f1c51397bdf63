import StudioHost
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventBusTests {
    @Test("a subscriber gets the values of its type, in order, and no others")
    func byType() async {
        let bus = EventBus()
        let news = bus.subscribe(to: News.self)
        let texts = bus.subscribe(to: String.self)
        for number in 0..<100 {
            bus.publish(News(number: number))
            bus.publish("\(number)")
        }
        bus.end()
        #expect(await collect(news).map(\.number) == Array(0..<100))
        #expect(await collect(texts) == (0..<100).map { "\($0)" })
    }

    @Test(
        "a buffer keeps what its policy says",
        arguments: [(EventBus.BufferPolicy.unbounded, 0), (.newest(1), 99), (.newest(10), 90)]
    )
    func policies(policy: EventBus.BufferPolicy, first: Int) async {
        let bus = EventBus()
        let news = bus.subscribe(to: News.self, policy: policy)
        for number in 0..<100 { bus.publish(News(number: number)) }
        bus.end()
        #expect(await collect(news).map(\.number) == Array(first..<100))
    }

    @Test("every subscriber sees each publisher's values in that publisher's order")
    func orderPerPublisher() async {
        let bus = EventBus()
        let streams = (0..<3).map { _ in bus.subscribe(to: News.self) }
        await withDiscardingTaskGroup { group in
            for publisher in 0..<4 {
                group.addTask { for number in 0..<500 { bus.publish(News(publisher: publisher, number: number)) } }
            }
        }
        bus.end()
        for stream in streams {
            let all = await collect(stream)
            for publisher in 0..<4 {
                #expect(all.filter { $0.publisher == publisher }.map(\.number) == Array(0..<500))
            }
        }
    }

    @Test(
        "a subscriber that never reads holds up neither the publisher nor another subscriber",
        arguments: [EventBus.BufferPolicy.unbounded, .newest(1)]
    )
    func slowSubscriber(policy: EventBus.BufferPolicy) async {
        let bus = EventBus()
        let idle = bus.subscribe(to: News.self, policy: policy)
        let reader = bus.subscribe(to: News.self)
        var received = reader.makeAsyncIterator()
        for number in 0..<1_000 {
            bus.publish(News(number: number))
            #expect(await received.next() == News(number: number))
        }
        withExtendedLifetime(idle) {}
    }

    @Test("subscribers that come and go while values flow get an unbroken run, and leave nothing behind")
    func comeAndGo() async {
        let bus = EventBus()
        await withDiscardingTaskGroup { group in
            group.addTask {
                var number = 0
                while !Task.isCancelled {
                    bus.publish(News(number: number))
                    number += 1
                    await Task.yield()
                }
            }
            await withDiscardingTaskGroup { readers in
                for _ in 0..<50 {
                    readers.addTask {
                        var numbers: [Int] = []
                        for await news in bus.subscribe(to: News.self) {
                            numbers.append(news.number)
                            if numbers.count == 20 { break }
                        }
                        #expect(numbers == Array(numbers[0]..<(numbers[0] + 20)))
                    }
                }
            }
            group.cancelAll()
        }
        #expect(bus.subscriberCount(of: News.self) == 0)
    }

    @Test("a reader whose task is cancelled is unsubscribed, and nobody else is")
    func cancelledReader() async {
        let bus = EventBus()
        let news = bus.subscribe(to: News.self)
        let other = bus.subscribe(to: News.self)
        let reader = Task { await collect(news) }
        reader.cancel()
        #expect(await reader.value == [])
        #expect(bus.subscriberCount(of: News.self) == 1)
        bus.publish(News(number: 1))
        bus.end()
        #expect(await collect(other) == [News(number: 1)])
    }

    @Test("after the end what is buffered is read, what is published reaches nobody, and a new subscription is over")
    func end() async {
        let bus = EventBus()
        let news = bus.subscribe(to: News.self)
        bus.publish(News(number: 1))
        bus.end()
        bus.publish(News(number: 2))
        #expect(await collect(news) == [News(number: 1)])
        #expect(await collect(bus.subscribe(to: News.self)) == [])
    }

    @Test("a bus that is let go leaves no reader waiting")
    func letGo() async {
        var bus: EventBus? = EventBus()
        let news = bus?.subscribe(to: News.self)
        bus?.publish(News(number: 1))
        bus = nil
        if let news { #expect(await collect(news) == [News(number: 1)]) }
    }
}
