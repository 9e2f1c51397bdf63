/// One row of the design's table of targets.
enum Journey: String, CaseIterable {
    case bootstrap
    case read
    case pressure
    case commit
    case group
    case divergence
    case storm
    case idle
    case memory

    func run(_ bench: Bench) throws {
        say("— \(rawValue)")
        switch self {
        case .bootstrap: try BootstrapJourney.run(bench)
        case .read: try ReadJourney.run(bench)
        case .pressure: try PressureJourney.run(bench)
        case .commit: try CommitJourney.run(bench)
        case .group: try GroupJourney.run(bench)
        case .divergence: try DivergenceJourney.run(bench)
        case .storm: try StormJourney.run(bench)
        case .idle: try IdleJourney.run(bench)
        case .memory: try MemoryJourney.run(bench)
        }
    }
}
