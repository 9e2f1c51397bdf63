import Glibc
import LinuxFiles
import Packer
import PackerTestSupport

/// Runs the operations of `CrashScript` in a process that may open hardly any more files, first with none, then with one
/// more each time, until the operation succeeds; and once again each with room, so that every operation is done.
///
///   crash-child starve PROJECT
///
/// It prints "refused N CODE PATHS REMEDY" and "ok N FREE", FREE being how many descriptors were enough.
func starve(_ folder: String) async throws {
    let project = try await PackerProject.open(folder, options: PackerOptions(), sink: Discard(), disk: LinuxDisk())
    for number in 0..<20 {
        var free = 0
        while true {
            await project.settled()
            let taken = takeDescriptors(leaving: free)
            let result: Result<OperationOutcome, PackerError>
            do throws(PackerError) {
                result = .success(try await project.submit(CrashScript.operation(number)).result)
            } catch {
                result = .failure(error)
            }
            for descriptor in taken { close(descriptor) }
            guard case .failure(let error) = result else { break }
            say("refused \(number) \(error.code.rawValue) \(error.paths.count) \(error.remedy)")
            if case .readOnly(let reason) = project.snapshot.access { return say("read-only \(reason)") }
            free += 1
        }
        say("ok \(number) \(free)")
    }
    await project.close()
    say("closed")
}

/// Opens files until no more can be opened, then gives some back.
private func takeDescriptors(leaving free: Int) -> [CInt] {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    if limit.rlim_cur > 256 {
        limit.rlim_cur = 256
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    var taken: [CInt] = []
    while true {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { break }
        taken.append(descriptor)
    }
    for _ in 0..<min(free, taken.count) { close(taken.removeLast()) }
    return taken
}
