import LogModel
import SimulatedCluster
import Testing

struct LogEndpointTests {
    private static let path = "/api/v1/namespaces/default/pods/p/log"

    private static func message(_ answer: Answer) throws -> String? {
        try answer.json()["message"]?.string
    }

    @Test func `a Pod that does not exist has no log`() async throws {
        let answer = try await TestWorld().get(Self.path)
        #expect(answer.status == 404)
        #expect(try Self.message(answer) == "pods \"p\" not found")
        #expect(try answer.json()["details"]?["kind"] == "pods")
    }

    @Test func `an unscheduled Pod answers 204, a waiting one 400`() async throws {
        let world = TestWorld()
        try world.create("p")
        #expect(try await world.get(Self.path).status == 204)
        world.pass(.milliseconds(250))
        let answer = try await world.get(Self.path)
        #expect(answer.status == 400)
        #expect(
            try Self.message(answer)
                == "container \"main\" in pod \"p\" is waiting to start: ContainerCreating")
    }

    @Test func `an image that cannot be pulled says so`() async throws {
        let world = TestWorld()
        try world.create("p") { $0.canPullImage = false }
        world.pass(.milliseconds(600))
        #expect(
            try Self.message(await world.get(Self.path))
                == "container \"main\" in pod \"p\" is waiting to start: image can't be pulled")
        world.pass(.seconds(2))
        #expect(
            try Self.message(await world.get(Self.path))
                == "container \"main\" in pod \"p\" is waiting to start: "
                + "trying and failing to pull image")
    }

    @Test func `the container must be named where there are several`() async throws {
        let world = TestWorld()
        _ = try await world.post([
            "metadata": ["name": "p"],
            "spec": [
                "initContainers": [["name": "i"]], "containers": [["name": "a"], ["name": "b"]],
            ],
        ])
        #expect(
            try Self.message(await world.get(Self.path))
                == "a container name must be specified for pod p, choose one of: [i a b]")
        let wrong = try await world.get(Self.path + "?container=x")
        #expect(wrong.status == 400)
        #expect(try Self.message(wrong) == "container x is not valid for pod p")
    }

    @Test func `a follower gets each line when it is due, and the end with the container's`()
        async throws
    {
        let world = TestWorld()
        try world.create("p") { $0.log.lines = 3 }
        world.pass(.milliseconds(500))
        let answer = try await world.get(Self.path + "?follow=true")
        #expect(answer.read().split(separator: "\n").count == 1)
        world.pass(.milliseconds(100))
        #expect(answer.read().split(separator: "\n").count == 2)
        world.pass(.milliseconds(150))
        #expect(answer.read().split(separator: "\n").count == 3)
        #expect(!answer.hasEnded)
        world.pass(.milliseconds(100))
        #expect(answer.read().split(separator: "\n").count == 3)
        #expect(answer.hasEnded)
    }

    @Test func `without follow the answer ends at the present line`() async throws {
        let world = TestWorld()
        try world.create("p")
        world.pass(.seconds(1))
        let answer = try await world.get(Self.path)
        #expect(answer.read().split(separator: "\n").count == 6)
        #expect(answer.hasEnded)
    }

    @Test func `in CrashLoopBackOff the last terminated instance is served, and is the previous`()
        async throws
    {
        let world = TestWorld()
        try world.create("p") {
            $0.log.lines = 1
            $0.exits = [ContainerExit(code: 1), ContainerExit(code: 0)]
        }
        world.pass(.milliseconds(550))
        let none = try await world.get(Self.path + "?previous=true")
        #expect(none.status == 400)
        #expect(
            try Self.message(none)
                == "previous terminated container \"main\" in pod \"p\" not found")
        let first = try await world.get(Self.path).read()
        world.pass(.milliseconds(500))
        let waiting = try await world.get(Self.path + "?follow=true")
        #expect(waiting.read() == first)
        #expect(waiting.hasEnded)
        #expect(try await world.get(Self.path + "?previous=true").read() == first)
        world.pass(.milliseconds(600))
        let second = try await world.get(Self.path).read()
        #expect(second != first && !second.isEmpty)
        #expect(try await world.get(Self.path + "?previous=true").read() == first)
    }

    @Test func `followers of a deleted Pod see the end`() async throws {
        let world = TestWorld()
        try world.create("p") { $0.log.lines = nil }
        world.pass(.seconds(5))
        let answer = try await world.get(Self.path + "?follow=true")
        let deletion = try await world.send(
            "DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0")
        #expect(deletion.status == 200)
        world.pass(.milliseconds(1))
        _ = answer.read()
        #expect(answer.hasEnded)
        #expect(try await world.get(Self.path).status == 404)
    }

    @Test func `a firehose is there at once and ends its container when it was read`() async throws
    {
        let world = TestWorld()
        var size = ScenarioSize()
        size.bytes = 1_000_000
        try Scenario.firehose.start(in: world.cluster, size: size)
        world.pass(.seconds(1))
        let key = PodKey("default", "firehose-0")
        let answer = try await world.get(
            "/api/v1/namespaces/default/pods/firehose-0/log?follow=true")
        #expect(answer.read().utf8.count == 1_000_000)
        #expect(!answer.hasEnded)
        #expect(world.cluster.pod(key)?.phase == "Running")
        world.pass(.seconds(1))
        _ = answer.read()
        #expect(answer.hasEnded)
        #expect(world.cluster.pod(key)?.phase == "Succeeded")
    }
}
