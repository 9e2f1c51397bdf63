import Packer

/// Where every event of the project goes; it is called in order, on a thread of its own.
struct PrintingSink: PackerEventSink {
    func publish(_ event: PackerEvent) {
        switch event.kind {
        case .divergenceDetected(let flag): print("#\(event.sequence) \(flag.path) was \(flag.kind.name) by someone else")
        case .operationCommitted(let outcome): print("#\(event.sequence) durable in generation \(outcome.generation)")
        case .operationFailed(let error): print("#\(event.sequence) refused: \(error)")
        default: break
        }
    }
}

do {
    let project = try await PackerProject.open(CommandLine.arguments[1], sink: PrintingSink())
    let snapshot = project.snapshot  // one truth for as long as it is held; no disk, no waiting
    for asset in snapshot.list(AssetFilter(type: .map)).assets {
        print(asset.id?.description ?? "-", asset.root, asset.validity.rawValue)
    }
    let cellar = try AssetRoot(validating: "maps/castle/cellar")
    let created = try project.submit(.create(NewAsset(root: cellar, type: .map)))
    let id = try await created.result.assets[0].id!  // on disk and in `project.snapshot` now
    let moved = try project.submit(.relocate(.id(id), to: AssetRoot(validating: "maps/castle/crypt")))
    _ = try await moved.result
    print(project.snapshot.asset(id)?.root.path ?? "lost")
    await project.settled()  // everything on disk has been looked at
    print("\(project.divergences.divergences.count) diverged, coverage \(project.coverage.name)")
    await project.close()
} catch let error as PackerError {
    print("\(error.message). \(error.remedy)")
}
