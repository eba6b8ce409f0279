import LogModel
import SimulatedCluster
import Testing
import WebServer

/// What the faults of a script do to the requests for a log.
struct LogBodyFaultTests {
    private static let path = "/api/v1/namespaces/default/pods/p/log"
    private static let follow = path + "?follow=true"

    /// A Pod `p` whose first line is written half a second after the cluster's start, and then one
    /// every 100 ms.
    private static func world(
        _ faults: String, change: (inout ContainerScript) -> Void = { _ in }
    ) throws -> TestWorld {
        let world = TestWorld()
        let (list, unreadable) = LogFault.list(faults)
        try #require(unreadable.isEmpty)
        try world.create("p") { script in
            script.log.lines = 20
            script.logFaults = list
            change(&script)
        }
        world.pass(.milliseconds(500))
        return world
    }

    private static func lines(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap { Int($0.dropFirst(5).prefix(10)) }
    }

    private static func kinds(_ world: TestWorld) async throws -> [String: Int] {
        let answer = try await world.get("/simulation/faults").json()
        guard case .object(let members) = try #require(answer["kinds"]) else { return [:] }
        return members.reduce(into: [:]) { $0[$1.name] = $1.value.int }
    }

    @Test func `each request meets the next entry, and those behind the last meet none`()
        async throws
    {
        let world = try Self.world("status=204;ok;status=404")
        #expect(try await world.get(Self.path).status == 204)
        #expect(try await world.get(Self.path).status == 200)
        #expect(try await world.get(Self.path).status == 404)
        for _ in 0..<3 { #expect(try await world.get(Self.path).status == 200) }
        #expect(try await Self.kinds(world) == ["status-204": 1, "status-404": 1])
    }

    @Test(arguments: [
        (
            "status=400", 400,
            "container \"main\" in pod \"p\" is waiting to start: ContainerCreating"
        ),
        ("status=404", 404, "the server could not find the requested resource ( pods/log p)"),
        ("status=429:3", 429, "Too many requests, please try again later."),
        (
            "status=500", 500,
            "Get \"https://127.0.0.1:10250/containerLogs/default/p/main\": "
                + "dial tcp 127.0.0.1:10250: i/o timeout"
        ),
    ])
    func `a refusal has the API server's words`(fault: String, code: Int, message: String)
        async throws
    {
        let world = try Self.world(fault)
        let answer = try await world.get(Self.path)
        #expect(answer.status == code)
        let status = try answer.json()
        #expect(status["message"] == .string(message))
        #expect(status["code"] == .int(code))
        #expect(status["details"]?["kind"] == (code == 404 ? "pods/log" : nil))
        let retryAfter = answer.fields.first { $0.name == "Retry-After" }?.value
        #expect(retryAfter == (code == 429 ? "3" : nil))
    }

    @Test func `a cut comes in the middle of the next line`() async throws {
        let world = try Self.world("cut@2")
        world.pass(.seconds(1))
        let answer = try await world.get(Self.follow)
        let text = answer.read()
        #expect(answer.wasCut)
        #expect(text.utf8.count == 80 + 80 + 40)
        #expect(text.dropFirst(160).hasPrefix("line 0000000002 "))
    }

    @Test func `a cut before the next line is written comes at once`() async throws {
        let world = try Self.world("cut@3")
        let answer = try await world.get(Self.follow)
        #expect(Self.lines(answer.read()) == [0])
        #expect(!answer.hasEnded)
        world.pass(.milliseconds(200))
        #expect(Self.lines(answer.read()) == [0, 1, 2])
        #expect(answer.wasCut)
    }

    @Test func `a fault behind the end of the log does not happen`() async throws {
        let world = try Self.world("cut@21;end@20")
        world.pass(.seconds(10))
        let whole = try await world.get(Self.follow)
        #expect(Self.lines(whole.read()) == Array(0..<20))
        #expect(whole.hasEnded && !whole.wasCut)
        #expect(try await Self.kinds(world) == [:])
        _ = try await world.get(Self.follow).read()
        #expect(try await Self.kinds(world) == ["end": 1])
    }

    @Test func `a clean end comes while the container runs`() async throws {
        let world = try Self.world("end@3")
        let answer = try await world.get(Self.follow)
        world.pass(.milliseconds(600))
        #expect(Self.lines(answer.read()) == [0, 1, 2])
        #expect(answer.hasEnded && !answer.wasCut)
    }

    @Test(arguments: ["cut-rotate@2", "end-rotate@2"])
    func `what was written before a rotation is not served again`(fault: String) async throws {
        let world = try Self.world("ok;" + fault) { $0.log.lines = 40 }
        _ = try await world.get(Self.path).read()
        world.pass(.milliseconds(2_000))
        let answer = try await world.get(Self.follow)
        _ = answer.read()
        #expect(answer.hasEnded)
        #expect(answer.wasCut == fault.hasPrefix("cut"))
        #expect(try await world.get(Self.path).read() == "")
        world.pass(.milliseconds(200))
        #expect(Self.lines(try await world.get(Self.path).read()) == [21, 22])
        let truth = try await world.truth("p")
        #expect(truth["rotations"]?.elements.map { $0["line"] } == [21])
    }

    @Test func `a file that no kubelet would rotate is not rotated by a fault`() async throws {
        let world = try Self.world(
            "ok;end-rotate@2;end-rotate@2;end-rotate@0;end-rotate@0"
        ) { $0.log.lines = 60 }
        // The first read; too soon after the start; in time; twice an empty file.
        for time in [0, 1_200, 900, 0, 0] {
            world.pass(.milliseconds(time))
            _ = try await world.get(Self.follow).read()
        }
        let truth = try await world.truth("p")
        #expect(truth["rotations"]?.elements.count == 1)
    }

    @Test func `a stall ends by itself`() async throws {
        let world = try Self.world("stall@2:3s")
        world.pass(.seconds(1))
        let answer = try await world.get(Self.path)
        #expect(Self.lines(answer.read()) == [0, 1])
        world.pass(.milliseconds(2_999))
        #expect(Self.lines(answer.read()) == [0, 1])
        #expect(!answer.hasEnded)
        world.pass(.milliseconds(1))
        #expect(Self.lines(answer.read()) == Array(0...10))
        #expect(answer.hasEnded)
    }

    @Test func `a slow answer shows the log as it is when it comes`() async throws {
        let world = try Self.world("slow:1s")
        let answer = Task { Self.lines(try await world.get(Self.path).read()) }
        // The queue has the Pod's exit, which is later: wait until the request has its entry too.
        let due = world.clock.now + .seconds(1)
        while world.timers.next != due { await Task.yield() }
        world.pass(.seconds(1))
        #expect(try await answer.value == Array(0...10))
        #expect(try await Self.kinds(world) == ["slow": 1])
    }

    @Test func `an error of the kubelet's stands in the body, without timestamp and newline`()
        async throws
    {
        let world = try Self.world("text@1")
        let answer = try await world.get(Self.follow + "&timestamps=true")
        let text = answer.read()
        #expect(answer.hasEnded && !answer.wasCut)
        #expect(text.dropFirst(31 + 80) == "failed to create fsnotify watcher: too many open files")
    }

    @Test func `a log that the runtime removed never comes back`() async throws {
        let world = try Self.world("removed@1")
        let first = try await world.get(Self.follow)
        #expect(Self.lines(first.read()) == [0])
        #expect(first.hasEnded && !first.wasCut)
        let pod = try await world.get("/api/v1/namespaces/default/pods/p").json()
        let id = pod["status"]?["containerStatuses"]?.elements.first?["containerID"]?.string
        for _ in 0..<2 {
            world.pass(.seconds(1))
            let answer = try await world.get(Self.path)
            #expect(answer.status == 200)
            #expect(answer.read() == "unable to retrieve container logs for \(id ?? "")")
        }
        #expect(try await world.truth("p")["lost"]?["why"] == "log removed")
    }

    @Test func `a node that is gone cuts and refuses`() async throws {
        let world = try Self.world("node-gone@1")
        let first = try await world.get(Self.follow)
        #expect(Self.lines(first.read()) == [0])
        #expect(first.wasCut)
        let pod = try await world.get("/api/v1/namespaces/default/pods/p").json()
        let node = pod["spec"]?["nodeName"]?.string ?? ""
        let answer = try await world.get(Self.path)
        #expect(answer.status == 404)
        #expect(try answer.json()["message"] == .string("nodes \"\(node)\" not found"))
        #expect(try answer.json()["details"]?["kind"] == "nodes")
        #expect(try await world.truth("p")["lost"]?["why"] == "node gone")
    }
}
