/// Where a project's events go: the host must supply one, and there is no default.
///
/// `publish` is called on the project's own delivery thread, one event at a time, in the order of their sequence,
/// with no lock held. It may query and submit. A slow sink delays events, never a commit in flight; when too many
/// wait, new commands are refused with `events.backlog`. A blocking wait from inside it is refused.
public protocol PackerEventSink: Sendable {
    func publish(_ event: PackerEvent)
}
