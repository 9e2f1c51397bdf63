import Packer

/// Answers the same numbers each time.
struct CountingGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

extension SessionID {
    static func sample(_ number: UInt64) -> SessionID {
        var generator = CountingGenerator(state: number)
        return SessionID(using: &generator)
    }
}

extension OperationID {
    static func sample(_ number: UInt64) -> OperationID {
        var generator = CountingGenerator(state: number)
        return OperationID(using: &generator)
    }
}

extension PackerEvent {
    static func sample(
        _ session: SessionID,
        _ sequence: UInt64,
        _ kind: Kind,
        generation: UInt64 = 1,
        operation: OperationID? = nil
    ) -> PackerEvent {
        PackerEvent(
            project: "/project",
            session: session,
            sequence: sequence,
            generation: generation,
            operation: operation,
            time: 0,
            kind: kind
        )
    }
}

extension Divergence {
    static func sample(_ path: String, _ kind: Kind = .modified, root: String? = nil) -> Divergence {
        Divergence(path: path, kind: kind, root: root.map { AssetRoot(onDisk: $0) }, expected: nil, observed: nil)
    }
}
