import Packer
import PackerTestSupport

/// A writer that has a project open, as Studio has.
struct PackerProjectHold {
    private let project: PackerProject

    init(_ folder: TemporaryFolder) async throws { project = try await PackerProject.open(folder) }

    func close() async { await project.close() }
}
