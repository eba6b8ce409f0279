import SimulatedCluster
import Testing

struct FaultMixtureTests {
    private static func instance(_ pod: String = "p", attempt: Int = 0) -> InstanceIdentity {
        InstanceIdentity(
            pod: PodKey("default", pod), uid: "u", container: "main", attempt: attempt)
    }

    private static func faults(
        _ text: String, world: UInt64 = 1, _ instance: InstanceIdentity = instance(),
        count: Int = 2_000
    ) throws -> [LogFault] {
        let plan = FaultPlan(try FaultMixture(text), world: world, instance: instance)
        return (0..<count).map(plan.fault(ofRequest:))
    }

    @Test func `rates are read by name, the last word counts`() throws {
        let mixture = try FaultMixture("all,cut=0.5,stall=0,watch-end=0")
        #expect(mixture.rate(of: .cut) == 0.5)
        #expect(mixture.rate(of: .stall) == 0)
        #expect(mixture.rate(of: .text) == FaultMixture.all.rate(of: .text))
        #expect(try FaultMixture("none") == .none)
        #expect(try FaultMixture("all,none").isEmpty)
        #expect(try FaultMixture("end=0.4,cut=0.6").rate(of: .end) == 0.4)
    }

    @Test(arguments: [
        ("cutt=0.1", "'cutt'"), ("cut=2", "'cut=2'"), ("cut", "'cut'"), ("cut=x", "'cut=x'"),
        ("", "''"), ("cut=0.6,end=0.6", "log requests"), ("watch-cut=0.6,watch-end=0.6", "watches"),
    ])
    func `a mixture that cannot be read is refused by name`(text: String, name: String) {
        let problem = #expect(throws: FaultMixture.Problem.self) { _ = try FaultMixture(text) }
        #expect(problem?.description.contains(name) == true)
    }

    @Test func `every problem is named`() {
        let problem = #expect(throws: FaultMixture.Problem.self) {
            _ = try FaultMixture("a=1,cut=9,all")
        }
        #expect(problem?.description.contains("'a'") == true)
        #expect(problem?.description.contains("'cut=9'") == true)
    }

    @Test func `the same seed draws the same faults, and nothing else does`() throws {
        let faults = try Self.faults("all")
        #expect(try Self.faults("all") == faults)
        #expect(try Self.faults("all", world: 2) != faults)
        #expect(try Self.faults("all", Self.instance("q")) != faults)
        #expect(try Self.faults("all", Self.instance(attempt: 1)) != faults)
    }

    @Test func `every kind comes about as often as its rate says`() throws {
        let faults = try Self.faults("all", count: 20_000)
        for kind in FaultKind.allCases where !kind.isOfWatches {
            let share = Double(faults.count { $0.kind == kind }) / 20_000
            #expect(abs(share - FaultMixture.all.rate(of: kind)) < 0.01, "\(kind)")
        }
        let permanent = faults.filter { [.removed, .nodeGone].contains($0.kind) }
        #expect(permanent.isEmpty)
    }

    @Test func `every drawn fault is an entry, with few lines as often as many`() throws {
        let faults = try Self.faults("all,removed=0.05,node-gone=0.05")
        #expect(faults.allSatisfy { LogFault($0.description) == $0 })
        let lines = faults.compactMap { fault -> Int? in
            if case .broken(_, let after) = fault { after } else { nil }
        }
        #expect(lines.allSatisfy { (0..<4_096).contains($0) })
        let short = lines.count { $0 < 63 }
        #expect((lines.count / 3..<lines.count * 2 / 3).contains(short))
    }

    @Test func `watch faults come after 2 to 10 seconds, by the watch's number`() throws {
        let mixture = try FaultMixture("watch-end=0.5,watch-410=0.25")
        let faults = (0..<1_000).map { WatchFault(mixture, world: 1, watch: $0) }
        #expect(faults == (0..<1_000).map { WatchFault(mixture, world: 1, watch: $0) })
        #expect(faults != (0..<1_000).map { WatchFault(mixture, world: 2, watch: $0) })
        #expect((450...550).contains(faults.count { $0?.kind == .watchEnd }))
        #expect((200...300).contains(faults.count { $0?.kind == .watch410 }))
        let lives = faults.compactMap { $0?.after }
        #expect(lives.allSatisfy { $0 >= .seconds(2) && $0 <= .seconds(10) })
    }
}
