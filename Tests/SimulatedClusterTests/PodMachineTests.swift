import LogModel
import SimulatedCluster
import Testing

struct PodMachineTests {
    private static let created = LogTime(seconds: 1_700_000_000)

    private static func container(
        _ name: String, _ kind: ContainerKind = .main, lines: Int? = 11
    ) -> ContainerScript {
        var script = ContainerScript(name: name, kind: kind)
        script.log.lines = lines
        return script
    }

    /// Takes every step up to `end`, and notes how the Pod looked after each.
    private static func history(
        _ machine: inout PodMachine, until end: Duration = .seconds(3_600)
    ) -> [String] {
        var rows: [String] = []
        while machine.step(upTo: created + end) != nil, rows.count < 1_000 {
            rows.append(PodRow(machine).status)
        }
        return rows
    }

    @Test func `a job is scheduled, started, and completes when its log is written`() throws {
        var machine = PodMachine(
            script: JobScript(containers: [Self.container("main")]), created: Self.created)
        #expect(PodRow(machine).status == "Pending")
        #expect(Self.history(&machine) == ["ContainerCreating", "Running", "Completed"])
        #expect(machine.phase == .succeeded)
        let termination = try #require(machine.containers[0].termination)
        #expect(termination.startedAt == Self.created + .milliseconds(500))
        #expect(termination.finishedAt == Self.created + .milliseconds(1_600))
        #expect(machine.next == nil)
    }

    @Test func `steps happen at their own time, however late they are taken`() {
        var early = PodMachine(
            script: JobScript(containers: [Self.container("main")]), created: Self.created)
        var late = early
        for milliseconds in stride(from: 0, to: 3_000, by: 50) {
            while early.step(upTo: Self.created + .milliseconds(milliseconds)) != nil {}
        }
        while late.step(upTo: Self.created + .seconds(99)) != nil {}
        #expect(early.containers == late.containers)
    }

    @Test func `restarts go through CrashLoopBackOff and keep the last termination`() {
        var script = Self.container("main")
        script.exits = [ContainerExit(code: 1), ContainerExit(code: 0)]
        var machine = PodMachine(script: JobScript(containers: [script]), created: Self.created)
        #expect(
            Self.history(&machine)
                == ["ContainerCreating", "Running", "CrashLoopBackOff", "Running", "Completed"])
        #expect(machine.containers[0].attempt == 1)
        #expect(machine.containers[0].last?.exit.code == 1)
    }

    @Test func `init containers run one after the other, then sidecars and main containers`() {
        var machine = PodMachine(
            script: JobScript(containers: [
                Self.container("a", .`init`), Self.container("s", .sidecar, lines: nil),
                Self.container("b", .`init`), Self.container("main"),
            ]), created: Self.created)
        var order: [String] = []
        while let actions = machine.step(upTo: Self.created + .seconds(60)) {
            for case .started(let container, _, _) in actions {
                order.append(machine.containers[container].script.name)
            }
        }
        #expect(order == ["a", "s", "b", "main"])
        #expect(machine.phase == .succeeded)
        #expect(machine.containers[1].termination?.exit.code == 0)
    }

    @Test func `a failing init container fails the Pod`() {
        var first = Self.container("a", .`init`)
        first.exits = [ContainerExit(code: 3)]
        var machine = PodMachine(
            script: JobScript(containers: [first, Self.container("main")]), created: Self.created)
        #expect(Self.history(&machine).last == "Init:Error")
        #expect(machine.phase == .failed)
        #expect(machine.containers[1].attempt == nil)
    }

    @Test func `an image that cannot be pulled alternates between error and back-off`() {
        var script = Self.container("main")
        script.canPullImage = false
        var machine = PodMachine(script: JobScript(containers: [script]), created: Self.created)
        let rows = Self.history(&machine, until: .seconds(60))
        #expect(
            rows.prefix(4) == [
                "ContainerCreating", "ErrImagePull", "ImagePullBackOff", "ErrImagePull",
            ])
        #expect(machine.phase == .pending)
    }

    @Test func `an unschedulable Pod stays pending for ever`() {
        var script = JobScript(containers: [Self.container("main")])
        script.isSchedulable = false
        var machine = PodMachine(script: script, created: Self.created)
        #expect(Self.history(&machine) == ["Pending"])
        #expect(machine.unschedulableSince != nil)
        #expect(machine.next == nil)
    }

    @Test func `a Pod past its deadline is killed and failed`() {
        var script = JobScript(containers: [Self.container("main", lines: nil)])
        script.deadline = .seconds(5)
        var machine = PodMachine(script: script, created: Self.created)
        #expect(Self.history(&machine).last == "DeadlineExceeded")
        #expect(machine.phase == .failed)
        #expect(machine.containers[0].termination?.exit.code == 137)
    }

    @Test func `a deleted Pod stops first and is removed then`() throws {
        var machine = PodMachine(
            script: JobScript(containers: [Self.container("main", lines: nil)]),
            created: Self.created)
        _ = Self.history(&machine, until: .seconds(10))
        machine.delete(at: Self.created + .seconds(10), graceSeconds: 30)
        var actions: [PodMachine.Action] = []
        while let step = machine.step(upTo: Self.created + .seconds(60)) { actions += step }
        #expect(
            actions == [
                .ended(container: 0, at: Self.created + .seconds(11)),
                .removed(at: Self.created + .milliseconds(11_100)),
            ])
        #expect(machine.containers[0].termination?.exit.code == 143)
    }

    @Test func `a Pod without a node is removed at once`() {
        var machine = PodMachine(
            script: JobScript(containers: [Self.container("main")]), created: Self.created)
        machine.delete(at: Self.created, graceSeconds: 30)
        #expect(machine.step(upTo: Self.created) == [.removed(at: Self.created)])
    }

    @Test func `a log that waits for its reader ends when it was read`() {
        var script = Self.container("main")
        script.log.pace = .reader
        var machine = PodMachine(script: JobScript(containers: [script]), created: Self.created)
        #expect(Self.history(&machine).last == "Running")
        machine.wasReadToEnd(container: 0, attempt: 0, at: Self.created + .seconds(90))
        #expect(Self.history(&machine).last == "Completed")
    }

    @Test func `a Pod that is kept for a while is removed after it`() {
        var script = JobScript(containers: [Self.container("main")])
        script.keptFor = .seconds(30)
        var machine = PodMachine(script: script, created: Self.created)
        var actions: [PodMachine.Action] = []
        while let step = machine.step(upTo: Self.created + .seconds(60)) { actions += step }
        #expect(actions.last == .removed(at: Self.created + .milliseconds(31_600)))
    }
}
