import LogModel
import SimulatedCluster
import Testing
import WebServer

/// What differs from one kubelet to another.
struct KubeletTests {
    private static let old = KubeletVersion("v1.20.2") ?? .standard
    private static let log = "/api/v1/namespaces/default/pods/p/log"

    private static func lines(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap { Int($0.dropFirst(5).prefix(10)) }
    }

    // MARK: - Versions

    @Test(arguments: [
        ("v1.20.2", true, false), ("v1.23.13", true, false), ("v1.23.14", false, false),
        ("v1.24.7", true, false), ("v1.24.8+k3s1", false, false), ("v1.25.3", true, false),
        ("v1.25.4", false, false), ("v1.26.0", false, false), ("v1.28.15", false, false),
        ("v1.29.0-rc.1", false, true), ("v1.33.1", false, true), ("v2.0.0", false, true),
    ])
    func `a version says what its kubelet does`(text: String, stamps: Bool, follows: Bool) throws {
        let version = try #require(KubeletVersion(text))
        #expect(version.stampsRecords == stamps)
        #expect(version.followsRotation == follows)
    }

    @Test(arguments: ["", "1.20.2", "v1.20", "v1.x.2", "v1.20.2 beta", "latest"])
    func `what is no version is refused`(text: String) async throws {
        #expect(KubeletVersion(text) == nil)
        let answer = try await TestWorld().post([
            "metadata": ["name": "p", "annotations": ["sim.podwire.dev/kubelet": .string(text)]],
            "spec": ["containers": [["name": "main"]]],
        ])
        #expect(answer.status == 422)
    }

    @Test func `nodes have the kubelets that Pods ask for`() async throws {
        let world = TestWorld()
        let first = try await world.get("/api/v1/nodes").json()["items"]?.elements ?? []
        #expect(first.map { $0["metadata"]?["name"] } == ["node-1", "node-2", "node-3"])
        _ = try await world.post([
            "metadata": [
                "name": "p", "annotations": ["sim.podwire.dev/kubelet": "v1.24.8+k3s1"],
            ],
            "spec": ["containers": [["name": "main"]]],
        ])
        world.pass(.seconds(1))
        let pod = try await world.get("/api/v1/namespaces/default/pods/p").json()
        let name = try #require(pod["spec"]?["nodeName"]?.string)
        #expect(name.hasPrefix("node-v1.24.8-k3s1-"))
        let node = try await world.get("/api/v1/nodes/\(name)").json()
        #expect(node["status"]?["nodeInfo"]?["kubeletVersion"] == "v1.24.8+k3s1")
        let missing = try await world.get("/api/v1/nodes/node-9")
        #expect(missing.status == 404)
        #expect(try missing.json()["message"] == "nodes \"node-9\" not found")
    }

    // MARK: - Long lines

    /// The table of `FragmentStamps`: what an old kubelet makes of a line of that many bytes.
    @Test(arguments: [
        (16_383, [16_383]), (16_384, [16_384]), (16_385, [16_384, 1]),
        (32_768, [16_384, 16_384]), (40_000, [16_384, 16_384, 7_232]),
    ])
    func `an old kubelet writes a timestamp before each record`(printed: Int, records: [Int])
        async throws
    {
        let world = TestWorld()
        try world.create("p", kubelet: Self.old) {
            $0.log.bytes = printed + 1
            $0.log.lines = 2
        }
        world.pass(.seconds(5))
        let plain = try await world.get(Self.log).read()
        let stamped = try await world.get(Self.log + "?timestamps=true").read()
        #expect(plain.utf8.count == 2 * (printed + 1))
        let lines = stamped.split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count == printed + 31 * records.count })
        for (line, whole) in zip(lines, plain.split(separator: "\n")) {
            var rest = line[...]
            var joined = ""
            var times: [LogTime] = []
            for count in records {
                times.append(try #require(RFC3339.parse(String(rest.prefix(30)))))
                joined += rest.dropFirst(31).prefix(count)
                rest = rest.dropFirst(31 + count)
            }
            #expect(joined == whole)
            #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
            let span = try #require(times.last) - times[0]
            #expect(span < .microseconds(5))
        }
    }

    @Test func `a kubelet of today writes one timestamp before a long line`() async throws {
        let world = TestWorld()
        try world.create("p") {
            $0.log.bytes = 40_001
            $0.log.lines = 2
        }
        world.pass(.seconds(5))
        let stamped = try await world.get(Self.log + "?timestamps=true").read()
        #expect(stamped.utf8.count == 2 * (40_001 + 31))
    }

    // MARK: - Rotation

    /// 100 lines in 10 s, from 0.5 s on; rotated every 2 s.
    private static func rotating(_ kubelet: KubeletVersion = .standard) throws -> TestWorld {
        let world = TestWorld()
        try world.create("p", kubelet: kubelet) {
            $0.log.lines = 100
            $0.log.fileBytes = 500
            $0.log.rotateInterval = .seconds(2)
        }
        world.pass(.milliseconds(500))
        return world
    }

    @Test func `a follow that keeps up goes on across rotations`() async throws {
        let world = try Self.rotating()
        let answer = try await world.get(Self.log + "?follow=true")
        for _ in 0..<110 {
            _ = answer.read()
            world.pass(.milliseconds(100))
        }
        #expect(Self.lines(answer.read()) == Array(0..<100))
        #expect(answer.hasEnded)
        let truth = try await world.truth("p")
        #expect(truth["rotations"]?.elements.map { $0["line"] } == [21, 41, 61, 81, 100])
        #expect(truth["bodies"]?.elements.count == 1)
    }

    @Test func `a follow that is behind by two rotations loses the file between, silently`()
        async throws
    {
        let world = try Self.rotating()
        let answer = try await world.get(Self.log + "?follow=true")
        world.pass(.milliseconds(4_500))
        #expect(Self.lines(answer.read()) == Array(0..<21) + Array(41..<46))
        world.pass(.seconds(1))
        #expect(Self.lines(answer.read()).suffix(10) == Array(46..<56)[...])
        let truth = try await world.truth("p")
        #expect(truth["rotations"]?.elements.map { $0["line"] } == [21, 41])
        let runs = truth["bodies"]?.elements ?? []
        #expect(runs.map { $0["from"] } == [0, 41])
        #expect(runs.map { $0["to"] } == [21, 56])
        #expect(Set(runs.map { $0["opened"]?.string }).count == 1)
    }

    @Test func `a follow that is behind by one rotation loses nothing`() async throws {
        let world = try Self.rotating()
        let answer = try await world.get(Self.log + "?follow=true")
        world.pass(.milliseconds(3_900))
        #expect(Self.lines(answer.read()) == Array(0..<40))
    }

    @Test func `an old kubelet's follow falls silent at a rotation, until the container ends`()
        async throws
    {
        let world = try Self.rotating(Self.old)
        let answer = try await world.get(Self.log + "?follow=true")
        world.pass(.milliseconds(1_500))
        #expect(Self.lines(answer.read()) == Array(0..<16))
        world.pass(.milliseconds(7_500))
        #expect(Self.lines(answer.read()) == Array(0..<21))
        #expect(!answer.hasEnded)
        world.pass(.seconds(2))
        #expect(Self.lines(answer.read()) == Array(0..<21))
        #expect(answer.hasEnded && !answer.wasCut)
    }

    @Test func `a rotation that a fault makes silences an old kubelet's other follows`()
        async throws
    {
        let world = TestWorld()
        try world.create("p", kubelet: Self.old) {
            $0.log.lines = 100
            $0.logFaults = [.ok, .ok, .broken(.end(rotates: true), after: 1)]
        }
        world.pass(.seconds(1))
        _ = try await world.get(Self.log).read()
        world.pass(.seconds(2))
        let silent = try await world.get(Self.log + "?follow=true")
        _ = try await world.get(Self.log).read()
        world.pass(.seconds(1))
        #expect(Self.lines(silent.read()) == Array(0..<26))
        #expect(Self.lines(try await world.get(Self.log).read()) == Array(26..<36))
    }
}
