import Access
import ByteBlocks
import LogModel
import Logging
import Store
import WebServer
import Workers

/// `GET /logs/{namespace}/{pod}[/{container}]` in all its forms.
struct LogEndpoint: Sendable {
    let store: Store
    private let finder: StreamFinder
    private let planner: LogPlanner
    private let lives: LiveLogs
    /// Packs bodies.
    let packing: WorkerThreads
    /// Search, and nothing else, so that no search holds up anything else.
    let searching: WorkerThreads
    let gate = SearchGate()
    let logger: Logger

    /// Serves the logs of `store`; `now` tells the time of day.
    init(
        store: Store, lives: LiveLogs, packing: WorkerThreads, searching: WorkerThreads,
        now: @escaping @Sendable () -> LogTime, logger: Logger
    ) {
        self.store = store
        self.lives = lives
        self.packing = packing
        self.searching = searching
        self.finder = StreamFinder(store: store, now: now)
        self.planner = LogPlanner(store: store, now: now)
        self.logger = logger
    }

    /// Answers over HTTP: `text/plain`, or an event stream where the client accepts one.
    func respond(
        _ target: LogTarget, _ request: ServerRequest, _ caller: Caller
    ) async throws -> ServerResponse {
        let query = QueryParameters(request.query)
        var parameters = try LogParameters(query, pod: target.pod)
        if let search = try SearchParameters(query, parameters) {
            let client = SearchGate.Client(caller, address: request.remoteAddress)
            return try await answer(search, target, parameters, request, client)
        }
        guard EventStream.isAccepted(by: request) else {
            let plan = try await plan(target, parameters, follow: parameters.follow ?? false)
            return try await download(plan, parameters, request)
        }
        try refuseAllAttempts(parameters, form: "an event stream")
        if let last = EventStream.lastEventID(of: request) {
            parameters.from = last + 1
            parameters.tailLines = nil
        }
        let plan = try await plan(target, parameters, follow: parameters.follow ?? true)
        let opening = plan.opening.stream
        if opening.state == .ended, let from = parameters.from, from >= opening.lines {
            // The answer that makes a browser's EventSource stop asking.
            return .full(ResponseHead(status: 204, fields: []), body: [])
        }
        let body = LogBody(
            output(plan, parameters, .events), trailer: EventStream.event("end", data: "{}"))
        return .stream(head(plan, contentType: EventStream.contentType), source: body)
    }

    /// Answers an upgrade: parameters are refused before it, all else behind it.
    func upgrade(_ target: LogTarget, _ request: ServerRequest) throws -> UpgradeDecision {
        let subprotocol = LogSubprotocol.choose(from: request.subprotocols)
        let query = QueryParameters(request.query)
        let parameters = try LogParameters(query, pod: target.pod)
        if try SearchParameters(query, parameters) != nil {
            throw StatusResponse.badRequest("grep: a search is answered over HTTP alone")
        }
        if subprotocol == .podwire {
            try refuseAllAttempts(parameters, form: LogSubprotocol.podwire.rawValue)
        }
        let session = LogSession(subprotocol, logger: logger) {
            let plan = try await plan(target, parameters, follow: parameters.follow ?? true)
            let form: LogForm = subprotocol == .binary ? .bytes : .text
            // Numbers can only be counted where no line is left out on the way.
            let counted = subprotocol == .podwire ? plan.withoutFilter : plan
            return LogSession.Opening(
                announcement: subprotocol == .podwire ? announcement(plan) : nil,
                output: output(counted, parameters, form))
        }
        return .accept(subprotocol: subprotocol?.rawValue, session)
    }

    /// A log for a socket of many: where it begins, and its records.
    func records(
        of target: LogTarget, _ parameters: LogParameters
    ) async throws -> (opening: LogSegment, output: LogOutput) {
        let plan = try await plan(target, parameters, follow: parameters.follow ?? true)
        return (plan.opening, output(plan.withoutFilter, parameters, .records))
    }

    func plan(
        _ target: LogTarget, _ parameters: LogParameters, follow: Bool
    ) async throws -> LogPlan {
        let streams = try await finder.find(target, parameters, waiting: follow)
        return try await planner.plan(streams, parameters, follow: follow)
    }

    func output(
        _ plan: LogPlan, _ parameters: LogParameters, _ form: LogForm
    ) -> LogOutput {
        let rendering = LogRendering(form, parameters, plan)
        let reader = LogReader(
            plan, store: store, lives: lives, isTextOnly: rendering.isTextOnly)
        return LogOutput(reader, rendering, logger: logger)
    }

    func head(_ plan: LogPlan, contentType: String) -> ResponseHead {
        let opening = plan.opening
        return ResponseHead(
            status: 200,
            fields: [
                HeaderField("Content-Type", contentType),
                HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
                HeaderField("Podwire-Stream", opening.stream.id.description),
                HeaderField("Podwire-From", String(opening.first)),
                HeaderField("Podwire-State", opening.stream.state.rawValue),
            ])
    }

    private func announcement(_ plan: LogPlan) -> ByteBlock {
        let opening = plan.opening
        return ByteBlock(
            JSONAnswer.encode(
                LogAnnouncement(
                    stream: opening.stream.id.description, from: opening.first,
                    state: opening.stream.state.rawValue)))
    }

    /// Line numbers belong to one stream, so what counts them reads one.
    private func refuseAllAttempts(_ parameters: LogParameters, form: String) throws {
        guard parameters.attempt == .all else { return }
        throw StatusResponse.badRequest(
            "attempt: \"all\" has no line numbers to count: \(form) takes one attempt at a time")
    }
}

/// The first message to a `podwire.v1` reader.
struct LogAnnouncement: Encodable {
    /// `UID/CONTAINER/ATTEMPT`.
    let stream: String
    /// The number of the first line that follows.
    let from: Int64
    /// `live` or `ended`.
    let state: String
}
