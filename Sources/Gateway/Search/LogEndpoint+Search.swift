import ByteBlocks
import LogModel
import Logging
import Search
import Store
import WebServer
import Workers

/// `GET /logs/…?grep=`: the lines of a log that match a pattern.
extension LogEndpoint {
    /// Answers a search. The head is sent with the first result, so that a pattern that fails before
    /// it is refused as any other request.
    func answer(
        _ parameters: SearchParameters, _ target: LogTarget, _ log: LogParameters,
        _ request: ServerRequest, _ client: SearchGate.Client
    ) async throws -> ServerResponse {
        let pass = try gate.enter(client)
        let form = SearchParameters.form(request, log)
        let specification = parameters.pattern
        do {
            let pattern = try await searching.run { try SearchPattern(specification) }
            let plan = try await plan(target, log, follow: false)
            let search = LineSearch(
                pattern, since: plan.since?.nanoseconds, isCount: parameters.isCount)
            let output = SearchOutput()
            let run = SearchRun(
                plan.opening, search, parameters.scope, form, store: store, workers: searching,
                output: output)
            let type =
                form == .json ? "application/x-ndjson" : "text/plain; charset=utf-8"
            var head = head(plan, contentType: type)
            head.fields.append(HeaderField("Vary", "Accept"))
            let body = SearchBody(output) { run.cancel() }
            guard request.method != "HEAD" else { return .stream(head, source: body) }
            start(run, output, form, pass)
            try await withTaskCancellationHandler {
                try await output.opened()
            } onCancel: {
                run.cancel()
            }
            return .stream(head, source: body)
        } catch let error as SearchError {
            throw StatusResponse(error)
        }
    }

    /// The task is the bridge from a request to a search that outlives its head. It ends with the
    /// search, and that at the latest when the body is closed.
    private func start(
        _ run: SearchRun, _ output: SearchOutput, _ form: SearchForm, _ pass: SearchGate.Pass
    ) {
        Task {
            defer { pass.leave() }
            do {
                try await run.run()
                output.finish(.complete)
            } catch {
                await end(output, form, error)
            }
        }
    }

    /// Tells the client why a search ends early: with a refusal, or behind what it has found.
    private func end(_ output: SearchOutput, _ form: SearchForm, _ error: any Error) async {
        if output.refuse(error) { return }
        let status: StatusResponse
        switch error {
        case is CancellationError, is SearchOutput.ClientStalled, SearchError.stopped:
            // The client went away or takes nothing, or the daemon goes down: a cut says it.
            return output.finish(.cut)
        case let error as SearchError:
            status = StatusResponse(error)
        default:
            logger.error("a log could not be searched", metadata: ["error": "\(error)"])
            status = .internalError
        }
        do {
            if form == .json {
                let object = String(decoding: status.headAndBody.body.dropLast(), as: UTF8.self)
                try await output.push(ByteBlock("{\"error\":\(object)}\n".utf8))
                output.finish(.complete)
            } else {
                let line = "--- podwire: the search ended early: \(status.message) ---\n"
                try await output.push(ByteBlock(line.utf8))
                output.finish(.cut)
            }
        } catch {
            // Only because nobody wants the results any more.
            output.finish(.cut)
        }
    }
}

extension StatusResponse {
    /// What a client is told of a search that cannot go on.
    fileprivate init(_ error: SearchError) {
        switch error {
        case .badPattern(let message, let offset):
            self = .badRequest("grep: the pattern is wrong at byte \(offset): \(message)")
        case .tooExpensive(let message, let line):
            self.init(
                code: 422, reason: "Invalid",
                message: "grep: the pattern is too expensive at line \(line): \(message)")
        case .unavailable(let message): self = .unavailable(message)
        case .stopped: self = .unavailable("the daemon goes down")
        }
    }
}
