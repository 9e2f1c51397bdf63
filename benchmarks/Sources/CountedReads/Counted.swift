import Dispatch
import Glibc
import Packer

/// What the script `counts` counts.
@main
enum Counted {
    struct NoSink: PackerEventSink {
        func publish(_ event: PackerEvent) {}
    }

    /// Not asynchronous itself: valgrind ends with an error where the main thread leaves its stack to the others.
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, ["reads", "commits"].contains(arguments[1]) else {
            print("usage: counted-reads reads|commits PROJECT")
            exit(2)
        }
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                let project = try await PackerProject.open(arguments[2], sink: NoSink())
                await project.settled()
                if arguments[1] == "reads" {
                    Reads(project).count()
                } else {
                    try await commits(project)
                }
                await project.close()
            } catch {
                print("counted-reads: \(error)")
                exit(1)
            }
            done.signal()
        }
        done.wait()
    }

    /// Commits between two marks that strace shows. The name keeps its length: each writes as much as the last one.
    private static func commits(_ project: PackerProject) async throws {
        guard let id = project.snapshot.list(limit: 1).assets.first?.id else { return }
        for number in 10..<22 {
            access("/counted/begin", F_OK)
            _ = try await project.submit(.update(.id(id), [.name("Name \(number)")])).result
            access("/counted/end", F_OK)
            // A checkpoint follows, so that each commit finds what the one before the last left behind.
            usleep(50_000)
        }
    }
}
