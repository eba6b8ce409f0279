import Logging
import Store
import WebServer

/// The body of a watch of Pods: one JSON object a line, a position in the changes of the store.
///
/// | what | event |
/// | --- | --- |
/// | Pods that are there, for a watch from nowhere | `ADDED` each |
/// | the end of those, where asked for | `BOOKMARK` with `k8s.io/initial-events-end` |
/// | a Pod is new, or begins to be selected | `ADDED` |
/// | its object has changed | `MODIFIED` |
/// | nothing is kept of it any more, or it ceases to be selected | `DELETED` |
/// | a minute has passed, or the watch ends, where asked for | `BOOKMARK` |
/// | what was deleted since the position is forgotten | `ERROR` with a Status 410, then the end |
///
/// Of changes that come faster than they are read the last of each Pod is sent. A Pod that is gone
/// from the cluster is not deleted here: that comes when its logs are no longer kept.
struct PodWatch: Sendable {
    /// Changes that are read at once.
    private static let changesAPage = 256
    /// How often a version is told when nothing else is: every minute, as the API server does.
    private static let bookmarkInterval: Duration = .seconds(60)
    /// Pods that a watch by labels remembers as selected, 100,000 (some 10 MiB): one that would have
    /// to remember more ends, and its client lists anew.
    private static let rememberedLimit = 100_000

    let store: Store
    let selection: PodSelection
    let form: PodForm
    let request: PodWatchRequest
    let logger: Logger

    /// What a watch knows of what it has sent.
    private struct State {
        var position: Int64
        var hasSentAny = false
        /// The UIDs of Pods that are selected by what may change.
        var selected: Set<String> = []
    }

    /// The watch as a response.
    var response: ServerResponse {
        .stream(
            ResponseHead(status: 200, fields: JSONAnswer.fields),
            source: WrittenBody(logger: logger) { send in try await run(send) })
    }

    private func run(_ send: WrittenBody.Send) async throws {
        let end = ContinuousClock.now + request.duration
        let (wakes, waker) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // The subscription is older than the first look, so nothing is missed in between.
        let subscription = store.podNews.subscribeToObjects { waker.yield() }
        defer { subscription.cancel() }
        async let _ = Self.tick(until: end) { waker.yield() }
        var state = try await start(send)
        var bookmarkDue = ContinuousClock.now + Self.bookmarkInterval
        waker.yield()
        for await _ in wakes {
            try Task.checkCancellation()
            guard try await sendChanges(&state, send) else { return }
            let now = ContinuousClock.now
            if request.wantsBookmarks, now >= min(end, bookmarkDue) {
                try await send(line("BOOKMARK", form.bookmark(state.position, endsInitial: false)))
                bookmarkDue = now + Self.bookmarkInterval
            }
            if now >= end { return }
        }
        throw CancellationError()
    }

    /// Calls `tell` when a bookmark is due, and at the end.
    private static func tick(
        until end: ContinuousClock.Instant, _ tell: @Sendable () -> Void
    ) async throws {
        while ContinuousClock.now < end {
            try await ContinuousClock().sleep(
                until: min(end, ContinuousClock.now + bookmarkInterval))
            tell()
        }
    }

    /// Sends what is there, for a watch from nowhere.
    private func start(_ send: WrittenBody.Send) async throws -> State {
        let list = PodList(store: store, selection: selection, form: form, logger: logger)
        guard let version = request.version else {
            var state: State?
            var key: PodKey?
            repeat {
                let page = try await list.page(behind: key, limit: Int(PodList.pageLimit))
                var known = state ?? State(position: page.version)
                var bytes: [UInt8] = []
                for pod in page.pods {
                    remember(pod, &known)
                    bytes += line("ADDED", try form.event(pod, isFirst: !known.hasSentAny))
                    known.hasSentAny = true
                }
                state = known
                try await send(bytes)
                key = page.next
            } while key != nil
            guard let state else { return State(position: 0) }
            if request.marksInitialEnd {
                try await send(line("BOOKMARK", form.bookmark(state.position, endsInitial: true)))
            }
            return state
        }
        var state = State(position: version)
        guard selection.isChanging else { return state }
        // Those that have not changed since are selected now as they were then.
        var key: PodKey?
        repeat {
            let page = try await list.page(behind: key, limit: Int(PodList.pageLimit))
            for pod in page.pods where pod.row.version <= version { remember(pod, &state) }
            key = page.next
        } while key != nil
        return state
    }

    /// Sends all that has changed behind the position.
    ///
    /// - Returns: `false` when the watch is over.
    private func sendChanges(_ state: inout State, _ send: WrittenBody.Send) async throws -> Bool {
        while true {
            let position = state.position
            let namespace = selection.namespace
            let (page, now) = try await store.read { snapshot in
                (
                    try snapshot.podObjectChanges(
                        behind: position, namespace: namespace, limit: Self.changesAPage),
                    try snapshot.podObjectVersion()
                )
            }
            // A version that this store never gave is another store's, from before it was deleted.
            guard let page, position <= now else {
                try await send(expired(position, now))
                return false
            }
            var bytes: [UInt8] = []
            for row in page.rows {
                let pod = try ShownPod(row, store)
                guard let type = try type(of: pod, state) else { continue }
                if type == "DELETED" {
                    state.selected.remove(row.uid)
                } else {
                    remember(pod, &state)
                }
                bytes += line(type, try form.event(pod, isFirst: !state.hasSentAny))
                state.hasSentAny = true
            }
            state.position = page.version
            try await send(bytes)
            if state.selected.count > Self.rememberedLimit { return false }
            if !page.hasMore { return true }
        }
    }

    /// What a change of a Pod is to this watch; `nil` when nothing.
    private func type(of pod: ShownPod, _ state: State) throws -> String? {
        let matches = try selection.matches(pod)
        let wasSelected =
            selection.isChanging
            ? state.selected.contains(pod.row.uid) : matches && pod.row.first <= state.position
        if matches, !pod.row.isDeleted { return wasSelected ? "MODIFIED" : "ADDED" }
        return wasSelected ? "DELETED" : nil
    }

    private func remember(_ pod: ShownPod, _ state: inout State) {
        if selection.isChanging { state.selected.insert(pod.row.uid) }
    }

    private func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
        Array(#"{"type":"\#(type)","object":"#.utf8) + object + Array("}\n".utf8)
    }

    private func expired(_ version: Int64, _ now: Int64) -> [UInt8] {
        let status = StatusResponse.expiredVersion("too old resource version: \(version) (\(now))")
        return line("ERROR", Array(status.headAndBody.body.dropLast()))
    }
}
