import Foundation
import Kubernetes
import LogModel
import ScriptedHTTP
import Synchronization

/// A Pod `p` in namespace `n` with one container `c`, and a script of what its log requests get.
final class FakePod: Sendable {
    /// A log request's answer, and what happens to the Pod when it is given.
    struct Step: Sendable {
        var answer: ScriptedServer.Answer
        var then: Container?
        /// Done before the answer is given.
        var before: (@Sendable () -> Void)?

        /// The answer is a 200 with lines, ended as `ending` says.
        static func lines(
            _ lines: [Int], partial: String = "", _ ending: ScriptedServer.Ending = .clean,
            then: Container? = nil
        ) -> Step {
            let text = lines.map { FakePod.line($0) }.joined() + partial
            return Step(answer: .init(parts: [text], ending: ending), then: then)
        }

        /// The answer is a `Status` object.
        static func refusal(
            _ code: Int, kind: String = "", _ message: String = "", fields: [String] = [],
            then: Container? = nil
        ) -> Step {
            let body = """
                {"kind":"Status","status":"Failure","message":"\(message)",\
                "details":{"kind":"\(kind)"},"code":\(code)}
                """
            return Step(
                answer: .body(code == 204 ? "" : body, status: code, fields: fields), then: then)
        }
    }

    /// How the container stands; `nil` as the Pod's state means that the Pod is gone.
    enum Container: Sendable {
        case running(restarts: Int)
        case terminated(restarts: Int)
        case gone
    }

    private struct State {
        var container: Container
        var steps: [Step]
        var served: [[String: String]] = []
    }

    private let state: Mutex<State>
    private let startedAt: LogTime

    /// Line 1 is written 100 ms after `startedAt`, unless that is given.
    init(
        _ container: Container, startedAt: LogTime = LogTime(seconds: 1_795_458_620),
        _ steps: [Step]
    ) {
        self.startedAt = startedAt
        state = Mutex(State(container: container, steps: steps))
    }

    /// The queries of the log requests so far.
    var served: [[String: String]] { state.withLock { $0.served } }

    /// The Pod as a watch would bring it.
    func object() throws -> Pod {
        try JSONDecoder().decode(Pod.self, from: Data(json(state.withLock { $0.container }).utf8))
    }

    /// What the API server answers.
    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        if request.path.hasSuffix("/log") { state.withLock { $0.steps.first?.before }?() }
        return state.withLock { state in
            guard request.path.hasSuffix("/log") else {
                if case .gone = state.container { return Self.notFound }
                return .body(json(state.container))
            }
            state.served.append(request.query)
            if case .gone = state.container { return Self.notFound }
            // The last step answers whatever else is asked.
            let step = state.steps.count > 1 ? state.steps.removeFirst() : state.steps[0]
            if let then = step.then { state.container = then }
            return step.answer
        }
    }

    /// Line `number` as the kubelet sends it, 100 ms after the line before it.
    static func line(_ number: Int) -> String {
        let time = LogTime(nanoseconds: 1_795_458_620_000_000_000 + Int64(number) * 100_000_000)
        return "\(time) line \(number)\n"
    }

    private static let notFound = ScriptedServer.Answer.body(
        #"{"kind":"Status","message":"pods \"p\" not found","details":{"kind":"pods"},"code":404}"#,
        status: 404)

    private func json(_ container: Container) -> String {
        let start = "\"startedAt\":\"\(startedAt.wholeSecondsText)\""
        let ended = #"{"terminated":{"exitCode":0,"reason":"Completed",\#(start)}}"#
        let (restarts, now) =
            switch container {
            case .running(let restarts): (restarts, "{\"running\":{\(start)}}")
            case .terminated(let restarts): (restarts, ended)
            case .gone: (0, ended)
            }
        return """
            {"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"containers":[{"name":"c"}]},
            "status":{"phase":"Running","containerStatuses":[{"name":"c","restartCount":\(restarts),
            "state":\(now),"lastState":\(restarts > 0 ? ended : "{}")}]}}
            """
    }
}
