import Foundation

/// SwiftPM's plan of a build: which steps the default target needs.
struct BuildPlan {
    private var inputs: [String: [String]] = [:]
    private var producer: [String: String] = [:]
    private var main: [String] = []

    /// Reads the llbuild manifest that SwiftPM writes, in which every list is on one line and is JSON.
    init(_ manifest: String) throws {
        var command: String?
        for line in manifest.split(separator: "\n") {
            if let match = line.firstMatch(of: /^  "(.+)":$/) { command = String(match.output.1) }
            if let match = line.firstMatch(of: /^  "main": (\[.*\])$/) { main = try Self.list(match.output.1) }
            guard let command, let match = line.firstMatch(of: /^    (inputs|outputs): (\[.*\])$/) else { continue }
            let nodes = try Self.list(match.output.2)
            if match.output.1 == "inputs" {
                inputs[command] = nodes
            } else {
                for node in nodes { producer[node] = command }
            }
        }
    }

    private static func list(_ json: Substring) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(json.utf8))
    }

    /// The steps that a plain `swift build` carries out.
    var steps: Set<String> {
        var reached: Set<String> = []
        var waiting = main
        while let node = waiting.popLast() {
            guard let step = producer[node], reached.insert(step).inserted else { continue }
            waiting += inputs[step] ?? []
        }
        return reached
    }

    func builds(module: String) -> Bool { steps.contains { $0.contains(module) } }
}
