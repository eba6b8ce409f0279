import LogModel
import Testing

@testable import Gateway

@Suite struct PodSummaryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// `READY STATUS RESTARTS`.
        let shown: String

        init(_ description: String, _ text: String, _ shown: String) {
            testDescription = description
            self.text = text
            self.shown = shown
        }
    }

    private static let ready = #""ready":true"#
    private static let initialized = #","conditions":[{"type":"Initialized","status":"True"}]"#
    private static let deletion = #","deletionTimestamp":"2026-11-24T12:00:00Z""#

    @Test(arguments: [
        Case("no status yet", PodText.object(node: nil, phase: "Pending"), "0/1 Pending 0"),
        Case(
            "gated",
            PodText.object(
                phase: "Pending",
                status:
                    #","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]"#
            ), "0/1 SchedulingGated 0"),
        Case(
            "running and ready",
            PodText.object(statuses: [PodText.status("main", PodText.running, ready)]),
            "1/1 Running 0"),
        Case(
            "creating",
            PodText.object(
                phase: "Pending",
                statuses: [
                    PodText.status("main", #""state":{"waiting":{"reason":"ContainerCreating"}}"#)
                ]), "0/1 ContainerCreating 0"),
        Case(
            "the first container has the last word",
            PodText.object(
                containers: ["a", "b"], phase: "Failed",
                statuses: [
                    PodText.status("a", PodText.completed),
                    PodText.status("b", PodText.terminated(3)),
                ]), "0/2 Completed 0"),
        Case(
            "one ended, one runs, ready",
            PodText.object(
                containers: ["a", "b"],
                statuses: [
                    PodText.status("a", PodText.completed),
                    PodText.status("b", PodText.running, ready),
                ], status: #","conditions":[{"type":"Ready","status":"True"}]"#),
            "1/2 Running 0"),
        Case(
            "one ended, one runs, not ready",
            PodText.object(
                containers: ["a", "b"],
                statuses: [
                    PodText.status("a", PodText.completed),
                    PodText.status("b", PodText.running, ready),
                ]), "1/2 NotReady 0"),
        Case(
            "restarted",
            PodText.object(
                statuses: [PodText.status("main", restarts: 3, PodText.backOff, PodText.last(1))]),
            "0/1 CrashLoopBackOff 3"),
        Case(
            "ended by a signal",
            PodText.object(
                statuses: [
                    PodText.status("main", #""state":{"terminated":{"exitCode":137,"signal":9}}"#)
                ]), "0/1 Signal:9 0"),
        Case(
            "ended without a reason",
            PodText.object(
                statuses: [PodText.status("main", #""state":{"terminated":{"exitCode":7}}"#)]),
            "0/1 ExitCode:7 0"),
        Case(
            "waits for an init container",
            PodText.object(
                initContainers: ["i", "j"], phase: "Pending",
                initStatuses: [
                    PodText.status("i", PodText.completed), PodText.status("j", PodText.running),
                ]), "0/1 Init:1/2 0"),
        Case(
            "an init container failed",
            PodText.object(
                initContainers: ["i"], phase: "Failed",
                initStatuses: [PodText.status("i", restarts: 2, PodText.terminated(1))]),
            "0/1 Init:Error 2"),
        Case(
            "an init container crashes",
            PodText.object(
                initContainers: ["i"], phase: "Pending",
                initStatuses: [PodText.status("i", restarts: 1, PodText.backOff, PodText.last(1))]),
            "0/1 Init:CrashLoopBackOff 1"),
        Case(
            "restarts of init containers that are over do not count",
            PodText.object(
                initContainers: ["i"],
                statuses: [PodText.status("main", restarts: 1, PodText.running, ready)],
                initStatuses: [PodText.status("i", restarts: 4, PodText.completed)],
                status: initialized), "1/1 Running 1"),
        Case(
            "evicted", PodText.object(phase: "Failed", status: #","reason":"Evicted""#),
            "0/1 Evicted 0"),
        Case(
            "terminating",
            PodText.object(
                metadata: deletion, statuses: [PodText.status("main", PodText.running, ready)]),
            "1/1 Terminating 0"),
        Case(
            "ended and terminating",
            PodText.object(
                metadata: deletion, phase: "Succeeded",
                statuses: [PodText.status("main", PodText.completed)]), "0/1 Completed 0"),
        Case(
            "on a lost node",
            PodText.object(metadata: deletion, status: #","reason":"NodeLost""#),
            "0/1 Unknown 0"),
    ])
    func `a Pod is summed up as kubectl users know it`(_ test: Case) throws {
        let summary = PodSummary(try PodText.pod(test.text), isGone: false)
        #expect(
            "\(summary.ready)/\(summary.total) \(summary.status) \(summary.restarts)" == test.shown)
    }

    @Test func `sidecars count as main containers do`() throws {
        let text = PodText.object(
            initContainers: [#"s","restartPolicy":"Always"#],
            statuses: [PodText.status("main", PodText.running, Self.ready)],
            initStatuses: [
                PodText.status(
                    "s", restarts: 2, PodText.running, Self.ready, #""started":true"#,
                    PodText.last(1, at: 7))
            ])
        let summary = PodSummary(try PodText.pod(text), isGone: false)
        #expect(summary.ready == 2 && summary.total == 2 && summary.restarts == 2)
        #expect(summary.lastRestart == RFC3339.parse("2026-11-24T12:00:07Z"))
    }

    @Test func `a Pod that is gone is shown as it ended`() throws {
        let text = PodText.object(
            metadata: Self.deletion, statuses: [PodText.status("main", PodText.terminated(137))])
        #expect(PodSummary(try PodText.pod(text), isGone: true).status == "Error")
    }

    @Test func `the cells are those of kubectl`() throws {
        let now = try #require(RFC3339.parse("2026-11-24T12:03:05Z"))
        let table = PodTable(version: "v1", included: .none, now: now)
        let text = PodText.object(
            spec: #","readinessGates":[{"conditionType":"a"},{"conditionType":"b"}]"#,
            statuses: [PodText.status("main", restarts: 2, PodText.running, PodText.last(1))],
            status: #","podIP":"10.0.0.9","conditions":[{"type":"b","status":"True"}]"#)
        #expect(
            table.cells(try PodText.pod(text), isGone: false) == [
                "p", "0/1", "Running", "2 (3m ago)", "63m", "10.0.0.9", "n1", "<none>", "1/2",
            ])
        let bare = table.cells(
            try PodText.pod(PodText.object(node: nil, phase: "Pending")), isGone: false)
        #expect(bare[5...] == ["<none>", "<none>", "<none>", "<none>"])
    }

    @Test(arguments: [
        (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (121, "2m1s"),
        (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (10_860, "3h1m"),
        (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"),
        (63_071_999, "729d"), (63_072_000, "2y"), (63_244_800, "2y2d"), (315_360_000, "10y"),
    ])
    func `ages are written as kubectl writes them`(seconds: Int64, text: String) {
        #expect(HumanAge.text(seconds: seconds) == text)
    }
}
