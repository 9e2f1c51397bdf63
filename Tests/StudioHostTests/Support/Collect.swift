/// Everything that a subscription gives until its end.
func collect<Value: Sendable>(_ stream: AsyncStream<Value>) async -> [Value] {
    var all: [Value] = []
    for await value in stream { all.append(value) }
    return all
}
