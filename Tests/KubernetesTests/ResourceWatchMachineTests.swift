import Testing

@testable import Kubernetes

struct ResourceWatchMachineTests {
    typealias Plan = ResourceWatchPlan<Pod>
    typealias Page = ResourceList<Pod>

    /// Always draws the same: every delay is the full step.
    struct Highest: RandomNumberGenerator, Sendable {
        mutating func next() -> UInt64 { .max }
    }

    static let start = ContinuousClock.now
    static func after(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }
    static let cut = WatchFailure(message: "cut")
    static let expired = WatchFailure(message: "expired", isExpired: true)
    static let silence = WatchFailure(message: "silence", isSilence: true)

    var machine = ResourceWatchMachine<Pod>(
        namespace: "ns", settings: WatcherSettings(), random: Highest())

    /// Brings the machine to an open watch behind version 10.
    mutating func open() {
        _ = machine.start()
        _ = machine.listed(Page(items: [], resourceVersion: "10"))
        _ = machine.opened(at: Self.start)
    }

    /// A delay near the full step.
    static func near(_ delay: Duration, _ step: Duration) -> Bool {
        delay > step * 0.99 && delay <= step
    }

    @Test mutating func `collects all pages before it tells of any Pod`() {
        #expect(machine.start() == Plan(next: .list(continueToken: nil)))
        #expect(machine.health == WatchHealth(synced: false))
        let a = Pod.named("a", version: 1)
        let b = Pod.named("b", version: 2)
        #expect(
            machine.listed(Page(items: [a], resourceVersion: "5", continueToken: "t"))
                == Plan(next: .list(continueToken: "t")))
        #expect(
            machine.listed(Page(items: [b], resourceVersion: "5"))
                == Plan(
                    event: .replaced([a, b], namespace: "ns"), next: .watch(resourceVersion: "5")))
        #expect(machine.health == WatchHealth(synced: true))
    }

    @Test mutating func `a failed page is asked for again, an expired one starts the list anew`() {
        _ = machine.start()
        _ = machine.listed(
            Page(items: [.named("a", version: 1)], resourceVersion: "5", continueToken: "t"))
        let retry = machine.failed(Self.cut, at: Self.start)
        #expect(retry.next == .list(continueToken: "t"))
        #expect(Self.near(retry.delay, .seconds(1)))
        let anew = machine.failed(Self.expired, at: Self.start)
        #expect(anew.next == .list(continueToken: nil))
        #expect(Self.near(anew.delay, .seconds(2)))
        let plan = machine.listed(Page(items: [], resourceVersion: "6"))
        #expect(plan.event == .replaced([], namespace: "ns"))
    }

    @Test mutating func `passes events on and remembers the last version`() {
        open()
        let pod = Pod.named("a", version: 11)
        #expect(
            machine.received(.added(pod), at: Self.after(1))
                == Plan(event: .updated(pod), next: .read))
        #expect(
            machine.received(.modified(pod), at: Self.after(1))
                == Plan(event: .updated(pod), next: .read))
        #expect(
            machine.received(.deleted(pod), at: Self.after(1))
                == Plan(event: .deleted(pod), next: .read))
        #expect(
            machine.received(.bookmark(resourceVersion: "20"), at: Self.after(1))
                == Plan(next: .read))
        #expect(machine.ended(at: Self.after(60)).next == .watch(resourceVersion: "20"))
    }

    @Test mutating func `a long watch that ends cleanly is followed by the next at once`() {
        open()
        #expect(
            machine.ended(at: Self.after(1800))
                == Plan(next: .watch(resourceVersion: "10")))
    }

    @Test mutating func `a server that ends every watch at once is asked ever more rarely`() {
        open()
        for step in [1, 2, 4, 8, 16, 30, 30] {
            let plan = machine.ended(at: Self.start)
            #expect(plan.next == .watch(resourceVersion: "10"))
            #expect(Self.near(plan.delay, .seconds(step)), "\(plan.delay)")
            _ = machine.opened(at: Self.start)
        }
        #expect(machine.health == WatchHealth(synced: true))
    }

    @Test mutating func `a short watch that brought something is followed after the first delay`() {
        open()
        for _ in 0..<5 {
            _ = machine.received(.bookmark(resourceVersion: "11"), at: Self.start)
            #expect(Self.near(machine.ended(at: Self.start).delay, .seconds(1)))
            _ = machine.opened(at: Self.start)
        }
    }

    @Test(arguments: [
        (WatchEvent<Pod>.error(KubernetesStatus(code: 410, reason: "Expired")), 60.0, 0),
        (.error(KubernetesStatus(code: 410, reason: "Gone")), 60, 0),
        (.error(KubernetesStatus(reason: "Expired")), 0, 1),
    ])
    mutating func `an expired version in the watch is answered with a list`(
        event: WatchEvent<Pod>, lived: Double, delay: Int
    ) {
        open()
        let plan = machine.received(event, at: Self.after(lived))
        #expect(plan.next == .list(continueToken: nil))
        #expect(plan.delay <= .seconds(delay))
        #expect(machine.health.synced)
    }

    @Test mutating func `versions that expire at once do not make a storm of lists`() {
        _ = machine.start()
        for step in [1, 2, 4, 8, 16, 30, 30] {
            _ = machine.listed(Page(items: [], resourceVersion: "10"))
            let plan = machine.failed(Self.expired, at: Self.start)
            #expect(plan.next == .list(continueToken: nil))
            #expect(Self.near(plan.delay, .seconds(step)))
        }
    }

    @Test mutating func `a silent watch is renewed at once`() {
        open()
        #expect(
            machine.failed(Self.silence, at: Self.after(300))
                == Plan(failure: Self.silence, next: .watch(resourceVersion: "10")))
        #expect(machine.health == WatchHealth(synced: true))
    }

    @Test
    mutating func `a cut watch is opened again, and after three failures the Pods are listed`() {
        open()
        let first = machine.failed(Self.cut, at: Self.after(60))
        #expect(first.next == .watch(resourceVersion: "10"))
        #expect(Self.near(first.delay, .seconds(1)))
        #expect(machine.health == WatchHealth(synced: true, lastError: "cut"))
        #expect(machine.failed(Self.cut, at: Self.after(61)).next == .watch(resourceVersion: "10"))
        let third = machine.failed(Self.cut, at: Self.after(62))
        #expect(third.next == .list(continueToken: nil))
        #expect(Self.near(third.delay, .seconds(4)))
        #expect(machine.health == WatchHealth(synced: false, lastError: "cut"))
        _ = machine.listed(Page(items: [], resourceVersion: "12"))
        #expect(machine.health == WatchHealth(synced: true))
    }

    @Test mutating func `an outage makes the scope unsynced, with delays up to the longest`() {
        _ = machine.start()
        for step in [1, 2, 4, 8, 16, 30, 30] {
            #expect(Self.near(machine.failed(Self.cut, at: Self.start).delay, .seconds(step)))
        }
        #expect(machine.health == WatchHealth(synced: false, lastError: "cut"))
    }

    @Test mutating func `the server's wish to wait goes before a shorter delay`() {
        _ = machine.start()
        let busy = WatchFailure(message: "busy", retryAfter: .seconds(17))
        #expect(machine.failed(busy, at: Self.start).delay == .seconds(17))
        open()
        for (seconds, wait) in [(Int.max, Duration.seconds(60)), (-7, .zero)] {
            let absurd = KubernetesStatus(code: 429, details: .init(retryAfterSeconds: seconds))
            #expect(WatchFailure(absurd, operation: "watch").retryAfter == wait)
        }
        let status = KubernetesStatus(code: 429, details: .init(retryAfterSeconds: 19))
        #expect(machine.received(.error(status), at: Self.after(60)).delay == .seconds(19))
    }

    @Test mutating func `other errors in the watch count as failures`() {
        open()
        let plan = machine.received(
            .error(KubernetesStatus(code: 500, reason: "InternalError", message: "etcd")),
            at: Self.after(1))
        #expect(plan.next == .watch(resourceVersion: "10"))
        #expect(plan.failure?.message.contains("etcd") == true)
    }

    @Test mutating func `a missing permission for Pods is an outage, not a cluster without Pods`() {
        _ = machine.start()
        let forbidden = WatchFailure(message: "forbidden", isUnavailable: true)
        for _ in 1...3 {
            let plan = machine.failed(forbidden, at: Self.start)
            #expect(plan.failure == forbidden)
            #expect(plan.availability == nil)
            #expect(plan.delay <= .seconds(4))
        }
        #expect(machine.health == WatchHealth(synced: false, lastError: "forbidden"))
    }

    @Test func `what a list of Jobs brings is told when the watch is open as well`() {
        var machine = ResourceWatchMachine<BatchJob>(
            namespace: nil, settings: WatcherSettings(), random: Highest())
        let forbidden = WatchFailure(message: "forbidden", isUnavailable: true)
        _ = machine.start()
        let lost = machine.failed(forbidden, at: Self.start)
        #expect(lost.availability == .lost(forbidden))
        #expect(lost.failure == nil && lost.delay == .seconds(300))
        #expect(lost.next == .list(continueToken: nil))
        #expect(machine.health == WatchHealth(synced: true))
        let page = ResourceList<BatchJob>(items: [], resourceVersion: "5")
        #expect(machine.listed(page) == ResourceWatchPlan(next: .watch(resourceVersion: "5")))
        // An open that fails otherwise is tried again, with the list kept.
        #expect(machine.failed(Self.cut, at: Self.start).next == .watch(resourceVersion: "5"))
        let back = ResourceWatchPlan<BatchJob>(
            availability: .regained, event: .replaced([], namespace: nil), next: .read)
        #expect(machine.opened(at: Self.start) == back)
        #expect(machine.failed(forbidden, at: Self.start).availability == .lost(forbidden))
    }
}
