import LogModel
import SimulatedCluster
import Testing

/// What `/simulation/…` tells of what really happened.
struct TruthTests {
    private static let log = "/api/v1/namespaces/default/pods/p/log"

    private static func runs(_ truth: JSONValue) -> [[Int]] {
        (truth["bodies"]?.elements ?? []).map { [$0["from"]?.int ?? -1, $0["to"]?.int ?? -1] }
    }

    @Test func `an instance that nobody has asked about has lines and no bodies`() async throws {
        let world = TestWorld()
        try world.create("p") { $0.log.lines = 3 }
        world.pass(.milliseconds(650))
        let truth = try await world.truth("p")
        #expect(truth["namespace"] == "default")
        #expect(truth["container"] == "main")
        #expect(truth["kind"] == "main")
        #expect(truth["attempt"] == 0)
        #expect(truth["lines"] == 2)
        #expect(truth["bytes"] == 160)
        #expect(truth["ended"] == false)
        #expect(truth["rotations"] == [])
        #expect(truth["bodies"] == [])
        #expect(truth["lost"] == JSONValue.null)
        world.pass(.seconds(5))
        #expect(try await world.truth("p")["ended"] == true)
    }

    @Test func `a body tells what was sent, when, and how it ended`() async throws {
        let world = TestWorld()
        try world.create("p") {
            $0.log.lines = 10
            $0.logFaults = [.broken(.cut(rotates: false), after: 2), .ok, .ok]
        }
        world.pass(.milliseconds(800))
        let opened = world.clock.now
        _ = try await world.get(Self.log + "?follow=true").read()
        var open: Answer? = try await world.get(Self.log + "?follow=true&tailLines=1")
        _ = open?.read()
        world.pass(.milliseconds(100))
        _ = open?.read()
        var bodies = try await world.truth("p")["bodies"]?.elements ?? []
        #expect(
            bodies.first == [
                "close": "cut", "closed": .string(opened.description), "fault": "cut@2",
                "follow": true, "from": 0, "opened": .string(opened.description), "to": 2,
            ])
        #expect(bodies.last?["from"] == 3)
        #expect(bodies.last?["to"] == 5)
        #expect(bodies.last?["close"] == "open")
        #expect(bodies.last?["closed"] == JSONValue.null)
        #expect(bodies.last?["fault"] == JSONValue.null)
        open = nil
        _ = try await world.get(Self.log).read()
        bodies = try await world.truth("p")["bodies"]?.elements ?? []
        #expect(bodies.map { $0["close"] } == ["cut", "client", "end"])
        #expect(bodies[2]["follow"] == false)
    }

    @Test func `a line that was sent in part does not count`() async throws {
        let world = TestWorld()
        try world.create("p") { $0.log.lines = 10 }
        world.pass(.seconds(5))
        _ = try await world.get(Self.log + "?limitBytes=200").read()
        _ = try await world.get(Self.log + "?limitBytes=160").read()
        #expect(Self.runs(try await world.truth("p")) == [[0, 2], [0, 2]])
    }

    @Test func `rotations are told with their line and time`() async throws {
        let world = TestWorld()
        let start = world.clock.now
        try world.create("p") {
            $0.log.lines = 100
            $0.log.fileBytes = 1_000
            $0.log.rotateInterval = .seconds(2)
        }
        world.pass(.seconds(20))
        let truth = try await world.truth("p")
        let expected: JSONValue = .array(
            (1...5).map { look in
                [
                    "line": .int(look * 20 + (look < 5 ? 1 : 0)),
                    "time": .string((start + .milliseconds(500 + 2_000 * look)).description),
                ]
            })
        #expect(truth["rotations"] == expected)
    }

    @Test func `what was written can be read although it was rotated away and the Pod removed`()
        async throws
    {
        let world = TestWorld()
        let record = try world.create("p") {
            $0.log.lines = 5
            $0.log.endsWithNewline = false
            $0.logFaults = [.broken(.end(rotates: true), after: 1)]
        }
        world.pass(.milliseconds(950))
        let read = try await world.get(Self.log + "?timestamps=true").read()
        #expect(read.split(separator: "\n").count == 1)
        let path = "/simulation/log/\(record.uid)/main/0"
        let whole = try await world.get(path).read()
        #expect(whole.hasPrefix(read))
        #expect(whole.split(separator: "\n").count == 5 && !whole.hasSuffix("\n"))
        let before = try await world.truth("p")
        try world.cluster.delete(PodKey("default", "p"), graceSeconds: 0)
        world.pass(.milliseconds(1))
        #expect(try await world.get(Self.log).status == 404)
        #expect(try await world.get(path).read() == whole)
        let lines = whole.split(separator: "\n")
        #expect(
            try await world.get(path + "?from=1&to=3").read()
                == lines[1] + "\n" + lines[2] + "\n")
        let after = try await world.truth("p")
        #expect(after["lines"] == before["lines"])
        #expect(after["bytes"] == .int(5 * 80 - 1))
        #expect(after["lost"]?["why"] == "pod removed")
    }

    @Test func `each attempt has its truth, and the last two have their logs`() async throws {
        let world = TestWorld()
        try world.create("p") {
            $0.log.lines = 1
            $0.exits = Array(repeating: ContainerExit(code: 1), count: 3)
        }
        world.pass(.seconds(10))
        let truths = try await world.get("/simulation/streams").events()
        #expect(truths.map { $0["attempt"] } == [0, 1, 2])
        #expect(truths.map { $0["lines"] } == [1, 1, 1])
        #expect(truths.map { $0["lost"]?["why"] } == ["log removed", nil, nil])
    }

    @Test(arguments: [
        ("/simulation", 404), ("/simulation/x", 404), ("/simulation/log/x/main/0", 404),
        ("/simulation/log/x/main/y", 404),
    ])
    func `what does not exist is not found`(path: String, code: Int) async throws {
        let world = TestWorld()
        #expect(try await world.get(path).status == code)
        #expect(try await world.send("POST", path).status == 405)
    }

    @Test func `a line number that is none is refused`() async throws {
        let world = TestWorld()
        let record = try world.create("p")
        world.pass(.seconds(1))
        let answer = try await world.get("/simulation/log/\(record.uid)/main/0?from=-1")
        #expect(answer.status == 400)
        #expect(try answer.json()["message"]?.string?.contains("from") == true)
    }

    @Test func `a thousand instances come one a line, counted bit by bit`() async throws {
        let world = TestWorld()
        for index in 0..<1_000 {
            try world.create("p\(index)") {
                $0.log.style = .pipeline
                $0.log.rate = 0
                $0.log.lines = index == 7 ? 12_000 : 1
            }
        }
        world.pass(.seconds(2))
        let truths = try await world.get("/simulation/streams").events()
        #expect(truths.count == 1_000)
        let long = try #require(truths.first { $0["pod"] == "p7" })
        let uid = long["uid"]?.string ?? ""
        let written = try await world.get("/simulation/log/\(uid)/main/0").read().utf8.count
        #expect(long["bytes"] == .int(written - 12_000 * 31))
    }
}
