import LogModel
import SimulatedCluster
import Testing

/// The Job controller on its own: what it does about Pods that the test makes up.
struct JobMachineTests {
    static let start = LogTime(seconds: 1_700_000_000)

    /// A Job's controller, the Pods that it has asked for, and the time.
    struct World {
        var machine: JobMachine
        var pods: [JobPod] = []
        var now = JobMachineTests.start
        private var made = 0

        init(interim: Bool = true, _ change: (inout JobSpec) -> Void = { _ in }) {
            var spec = JobSpec()
            change(&spec)
            machine = JobMachine(spec, hasInterimConditions: interim)
        }

        var status: JobObjectStatus { machine.status }
        var conditions: [String] { status.conditions.filter(\.isTrue).map(\.type) }

        /// Looks, and does what the controller asks for.
        @discardableResult
        mutating func look(after delay: Duration = .zero) -> [JobMachine.Action] {
            now = now + delay
            let actions = machine.look(at: pods, now: now)
            for action in actions {
                switch action {
                case .create(let index):
                    made += 1
                    pods.append(
                        JobPod(
                            ObjectKey("ns", "p\(made)"), uid: "u\(made)", index: index,
                            created: now))
                case .delete(let key):
                    for place in pods.indices where pods[place].key == key {
                        pods[place].isTerminating = true
                    }
                case .remove: break
                }
            }
            return actions
        }

        /// Ends a Pod.
        mutating func end(_ name: String, _ phase: PodMachine.Phase) {
            for place in pods.indices where pods[place].key.name == name {
                pods[place].phase = phase
                pods[place].endedAt = now
            }
        }

        /// Removes the Pods that were told to go.
        mutating func sweep() { pods.removeAll(where: \.isTerminating) }
    }

    @Test func `a Job starts a Pod, and is told to be complete before it is`() {
        var world = World()
        #expect(world.look() == [.create(index: nil)])
        #expect(world.status.startTime == Self.start && world.status.active == 1)
        #expect(world.look() == [])
        world.end("p1", .succeeded)
        world.look(after: .seconds(5))
        #expect(world.conditions == ["SuccessCriteriaMet"])
        #expect(world.status.completionTime == nil)
        #expect(world.machine.next == world.now)
        world.look()
        #expect(world.conditions == ["SuccessCriteriaMet", "Complete"])
        #expect(world.status.completionTime == world.now)
        #expect(world.status.succeeded == 1 && world.status.active == 0)
        let before = world.status
        #expect(world.look(after: .seconds(60)) == [])
        #expect(world.status == before && world.machine.next == nil)
    }

    @Test func `an older controller completes a Job at once`() {
        var world = World(interim: false)
        world.look()
        world.end("p1", .succeeded)
        world.look()
        #expect(world.conditions == ["Complete"])
        #expect(world.status.conditions.map(\.reason) == [""])
    }

    @Test func `parallelism bounds the Pods, completions their number`() {
        var world = World {
            $0.parallelism = 2
            $0.completions = 3
        }
        #expect(world.look().count == 2)
        world.end("p1", .succeeded)
        world.end("p2", .succeeded)
        #expect(world.look().count == 1)
        world.end("p3", .succeeded)
        world.look()
        #expect(world.status.succeeded == 3)
        #expect(world.conditions == ["SuccessCriteriaMet"])
    }

    @Test func `without completions one success is enough, and the others finish`() {
        var world = World {
            $0.parallelism = 3
            $0.completions = nil
        }
        world.look()
        world.end("p1", .succeeded)
        #expect(world.look() == [])
        #expect(world.conditions.isEmpty && world.status.active == 2)
        world.end("p2", .failed)
        world.end("p3", .succeeded)
        world.look()
        #expect(world.conditions == ["SuccessCriteriaMet"])
        #expect(world.status.succeeded == 2 && world.status.failed == 1)
    }

    @Test func `a failed Pod is replaced after a back-off that doubles, until the limit`() {
        var world = World {
            $0.backoffLimit = 2
            $0.backoff = .seconds(10)
        }
        world.look()
        for (pod, delay) in [("p1", 10), ("p2", 20)] {
            world.end(pod, .failed)
            #expect(world.look() == [])
            #expect(world.machine.next == world.now + .seconds(delay))
            #expect(world.look(after: .seconds(delay) - .milliseconds(1)) == [])
            #expect(world.look(after: .milliseconds(1)) == [.create(index: nil)])
        }
        world.end("p3", .failed)
        world.look()
        world.look()
        #expect(world.conditions == ["FailureTarget", "Failed"])
        #expect(world.status.conditions.last?.reason == "BackoffLimitExceeded")
        #expect(world.status.failed == 3 && world.status.completionTime == nil)
    }

    @Test func `a success ends a row of failures`() {
        var world = World {
            $0.completions = 2
            $0.backoff = .seconds(10)
        }
        world.look()
        world.end("p1", .failed)
        world.look()
        world.look(after: .seconds(10))
        world.end("p2", .succeeded)
        #expect(world.look() == [.create(index: nil)])
        world.end("p3", .failed)
        world.look()
        #expect(world.machine.next == world.now + .seconds(10))
    }

    @Test func `a deadline deletes the Pods, and the Job has failed when they are gone`() {
        var world = World {
            $0.parallelism = 2
            $0.completions = 2
            $0.deadline = .seconds(30)
        }
        world.look()
        #expect(world.machine.next == Self.start + .seconds(30))
        let actions = world.look(after: .seconds(30))
        #expect(actions == [.delete(ObjectKey("ns", "p1")), .delete(ObjectKey("ns", "p2"))])
        #expect(world.conditions == ["FailureTarget"])
        #expect(world.status.failed == 2 && world.status.active == 0)
        #expect(world.status.terminating == 2)
        world.look(after: .seconds(1))
        #expect(world.conditions == ["FailureTarget"])
        world.sweep()
        world.look(after: .seconds(1))
        #expect(world.conditions == ["FailureTarget", "Failed"])
        #expect(world.status.conditions.last?.reason == "DeadlineExceeded")
        #expect(world.status.conditions.last?.since == world.now)
        #expect(world.status.failed == 2 && world.status.terminating == 0)
    }

    @Test func `an older controller has failed a Job while its Pods still end`() {
        var world = World(interim: false) { $0.deadline = .seconds(30) }
        world.look()
        #expect(world.look(after: .seconds(30)) == [.delete(ObjectKey("ns", "p1"))])
        #expect(world.conditions == ["Failed"])
        #expect(world.status.terminating == 1)
    }

    @Test func `suspension deletes the Pods without counting them, and starts the time again`() {
        var world = World { $0.deadline = .seconds(30) }
        world.look()
        world.machine.spec.isSuspended = true
        #expect(world.look(after: .seconds(20)) == [.delete(ObjectKey("ns", "p1"))])
        #expect(world.conditions == ["Suspended"])
        #expect(world.status.active == 0 && world.status.startTime == nil)
        world.sweep()
        #expect(world.look(after: .seconds(100)) == [])
        #expect(world.status.failed == 0)
        #expect(world.conditions == ["Suspended"])
        world.machine.spec.isSuspended = false
        #expect(world.look() == [.create(index: nil)])
        #expect(world.conditions.isEmpty)
        #expect(world.status.conditions.map(\.reason) == ["JobResumed"])
        #expect(world.status.startTime == world.now)
        world.look()
        #expect(world.machine.next == world.now + .seconds(30))
    }

    @Test func `a Job that is created suspended has no start and no Pods`() {
        var world = World { $0.isSuspended = true }
        #expect(world.look() == [])
        #expect(world.status.startTime == nil)
        #expect(world.status.conditions.map(\.reason) == ["JobSuspended"])
    }

    @Test func `each index is run until it has succeeded`() {
        var world = World {
            $0.isIndexed = true
            $0.parallelism = 2
            $0.completions = 3
            $0.backoff = .zero
        }
        #expect(world.look() == [.create(index: 0), .create(index: 1)])
        world.end("p1", .failed)
        world.end("p2", .succeeded)
        #expect(world.look() == [.create(index: 0), .create(index: 2)])
        #expect(world.status.completedIndexes == [1])
        world.end("p3", .succeeded)
        world.end("p4", .succeeded)
        world.look()
        #expect(world.status.completedIndexes == [0, 1, 2])
        #expect(world.conditions == ["SuccessCriteriaMet"])
    }

    @Test func `Pods that someone deletes, or that vanish, have failed`() {
        var world = World {
            $0.parallelism = 2
            $0.completions = 2
            $0.backoff = .zero
        }
        world.look()
        world.look()
        world.pods[0].isTerminating = true
        world.pods.remove(at: 1)
        #expect(world.look() == [.create(index: nil), .create(index: nil)])
        #expect(world.status.failed == 2)
        world.sweep()
        world.look()
        #expect(world.status.failed == 2)
    }

    @Test func `containers that restart too often fail the Job`() {
        var world = World {
            $0.restartsContainers = true
            $0.backoffLimit = 2
        }
        world.look()
        world.pods[0].phase = .running
        world.pods[0].restarts = 1
        #expect(world.look() == [])
        world.pods[0].restarts = 2
        #expect(world.look() == [.delete(ObjectKey("ns", "p1"))])
        #expect(world.status.conditions.map(\.reason) == ["BackoffLimitExceeded"])
    }

    @Test func `less parallelism takes the youngest Pods away, uncounted`() {
        var world = World {
            $0.parallelism = 3
            $0.completions = 3
        }
        world.look()
        for index in 0..<3 { world.pods[index].created = Self.start + .seconds(index) }
        world.pods[2].isReady = true
        world.machine.spec.parallelism = 1
        #expect(world.look() == [.delete(ObjectKey("ns", "p1")), .delete(ObjectKey("ns", "p2"))])
        world.sweep()
        world.look()
        #expect(world.status.failed == 0 && world.status.active == 1)
    }

    @Test func `a finished Job goes after its time, its Pods before it`() {
        var world = World { $0.keptFor = .seconds(60) }
        world.look()
        world.end("p1", .succeeded)
        world.look()
        world.look()
        #expect(world.machine.next == world.now + .seconds(60))
        #expect(world.look(after: .seconds(59)) == [])
        #expect(world.look(after: .seconds(1)) == [.delete(ObjectKey("ns", "p1"))])
        #expect(world.machine.deletion == world.now)
        world.sweep()
        #expect(world.look() == [.remove])
    }
}
