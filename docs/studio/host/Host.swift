import Packer
import StudioHost

/// A Studio without windows: it lists a project's maps, relocates one of them, and prints each page that a person
/// would see. Copy it, and put a window where it prints.
///
///     host PROJECT FROM TO
@main struct Host {
    static func main() async throws {
        let path = CommandLine.arguments[1]
        let container = StudioContainer()

        // The bus comes first: whoever listens now hears the first event of the first project.
        let bus = try await container.start()
        let log = bus.subscribe(to: PackerEvent.self) { event in
            if case .operationCommitted(let outcome) = event.kind { print("durable in generation \(outcome.generation)") }
        }
        do {
            let project = try await container.open(path)
            try await showMaps(of: project, bus: bus)
        } catch let error as StudioError {
            print(error)
        }
        // Drains the lane, delivers the last event, and ends the bus.
        await container.stop()
        log.cancel()
    }

    static func showMaps(of project: PackerAdapter, bus: EventBus) async throws {
        let page = AssetsWorkspaceRunner(project, bus: bus)
        // A window would draw each state; this one waits for those that it wants to print.
        let running = Task { await page.run() }
        var states = page.states.makeAsyncIterator()
        func show(_ isWanted: (AssetsWorkspace) -> Bool) async {
            while let state = await states.next() {
                if isWanted(state) { return print(state.text) }
            }
        }

        await page.act(.filter(AssetFilter(type: .map)))
        await page.act(.select(AssetReference(CommandLine.arguments[2])))
        await show { $0.details != nil }

        // What it would do, then doing it. Nothing is written before `apply`.
        await page.act(.relocateSelection(to: CommandLine.arguments[3]))
        await show { $0.staged?.phase.preview != nil || !$0.errors.isEmpty }
        await page.act(.apply)
        await show { $0.staged?.isUnderWay == false }
        running.cancel()
    }
}
