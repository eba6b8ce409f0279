import Kubernetes
import Testing

@testable import Capture

@Suite struct LogAnswerTests {
    @Test(
        "each answer of the endpoint has its own meaning",
        arguments: [
            (200, nil, "", LogAnswer.body),
            (204, nil, "", .notStarted("the Pod is not scheduled")),
            (
                400, nil, "container \"c\" in pod \"p\" is waiting to start: ContainerCreating",
                .notStarted("container \"c\" in pod \"p\" is waiting to start: ContainerCreating")
            ),
            (
                400, nil, "previous terminated container \"c\" in pod \"p\" not found",
                .nothingKept("previous terminated container \"c\" in pod \"p\" not found")
            ),
            (
                400, nil, "container x is not valid for pod p",
                .refused("container x is not valid for pod p")
            ),
            (403, nil, "pods is forbidden", .forbidden("pods is forbidden")),
            (404, "pods", "pods \"p\" not found", .podGone),
            (
                404, "pods/log", "the server could not find the requested resource ( pods/log p)",
                .unknownToKubelet
            ),
            (404, "nodes", "nodes \"n\" not found", .nodeGone("nodes \"n\" not found")),
            (404, nil, "404 page not found", .unknownToKubelet),
            (500, nil, "dial tcp: i/o timeout", .failed("500 dial tcp: i/o timeout")),
            (502, nil, "Bad Gateway", .failed("502 Bad Gateway")),
        ] as [(Int, String?, String, LogAnswer)])
    func answers(code: Int, kind: String?, message: String, answer: LogAnswer) {
        #expect(LogAnswer(code: code, kind: kind, message: message, retryAfter: nil) == answer)
    }

    @Test("Retry-After counts with every failure")
    func retryAfter() {
        #expect(
            LogAnswer(code: 429, kind: nil, message: "", retryAfter: .seconds(7))
                == .busy(after: .seconds(7)))
        #expect(
            LogAnswer(code: 429, kind: nil, message: "", retryAfter: nil)
                == .busy(after: .seconds(1)))
        #expect(
            LogAnswer(code: 503, kind: nil, message: "", retryAfter: .seconds(2))
                == .busy(after: .seconds(2)))
    }

    @Test(
        "an answer cannot hold up follows for longer than a minute",
        arguments: [
            (429, "3600", "", .busy(after: .seconds(60))),
            (503, "3600", "busy", .busy(after: .seconds(60))),
            (429, "60", "", .busy(after: .seconds(60))),
            (429, "-1", "", .busy(after: .zero)),
            (429, nil, tooMany, .busy(after: .seconds(60))),
            (429, "2", tooMany, .busy(after: .seconds(2))),
            (503, "Wed, 21 Oct 2026 07:28:00 GMT", "busy", .failed("503 busy")),
        ] as [(Int, String?, String, LogAnswer)])
    func longestWait(code: Int, field: String?, body: String, answer: LogAnswer) {
        #expect(LogAnswer(code: code, body: Array(body.utf8), retryAfter: field) == answer)
    }

    static let tooMany = #"{"kind":"Status","details":{"retryAfterSeconds":7200}}"#
    static let ended = Pod.ContainerState.terminated(.init(exitCode: 3, reason: "Error"))
    static let end = InstanceState.End(exitCode: 3, reason: "Error")

    @Test(
        "how an instance stands follows from its container's status",
        arguments: [
            (0, 0, .running(startedAt: nil), .unknown, .running),
            (0, 0, .waiting(reason: "ContainerCreating", message: nil), .unknown, .waiting),
            (0, 0, ended, .unknown, .terminated(end)),
            // Seen with kubelet 1.20.2: CrashLoopBackOff speaks of the instance that has ended.
            (1, 1, .waiting(reason: "CrashLoopBackOff", message: nil), ended, .terminated(end)),
            (0, 1, .waiting(reason: "CrashLoopBackOff", message: nil), ended, .outOfReach(.init())),
            (1, 2, .running(startedAt: nil), ended, .replaced(end)),
            (1, 2, ended, ended, .replaced(end)),
            (0, 2, .running(startedAt: nil), ended, .outOfReach(.init())),
            (2, 1, .running(startedAt: nil), .unknown, .waiting),
        ] as [(Int, Int, Pod.ContainerState, Pod.ContainerState, InstanceState)])
    func instances(
        attempt: Int, restarts: Int, state: Pod.ContainerState, last: Pod.ContainerState,
        expected: InstanceState
    ) {
        let status = Pod.ContainerStatus(
            name: "main", restartCount: restarts, state: state, lastState: last)
        #expect(InstanceState(attempt: attempt, of: status) == expected)
    }

    @Test("a container that runs for ever in a failed Pod counts as ended")
    func deadline() {
        let status = Pod.Status(phase: "Failed", reason: "DeadlineExceeded")
        #expect(
            InstanceState.running.concluded(by: status)
                == .terminated(.init(reason: "DeadlineExceeded")))
        #expect(InstanceState.running.concluded(by: Pod.Status(phase: "Running")) == .running)
        // It may write until it is killed, and the body that waits may bring that.
        #expect(InstanceState.running.concluded(by: status, open: true) == .running)
    }
}
