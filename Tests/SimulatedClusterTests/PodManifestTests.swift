import LogModel
import SimulatedCluster
import Testing

struct PodManifestTests {
    private static func manifest(_ annotations: JSONValue) -> JSONValue {
        [
            "kind": "Pod", "metadata": ["name": "p", "annotations": annotations],
            "spec": ["containers": [["name": "main", "image": "busybox", "env": [["name": "A"]]]]],
        ]
    }

    @Test func `a manifest without annotations prints 50 lines and one output`() async throws {
        let world = TestWorld()
        let made = try await world.post(Self.manifest([:]))
        #expect(made.status == 201)
        #expect(try made.json()["spec"]?["containers"]?.elements.first?["env"] == [["name": "A"]])
        world.pass(.seconds(30))
        let lines = try await world.get("/api/v1/namespaces/default/pods/p/log").read()
            .split(separator: "\n")
        #expect(lines.count == 51)
        #expect(lines.last == "JOB_OUT lines=50")
        let pod = try await world.get("/api/v1/namespaces/default/pods/p").json()
        #expect(pod["status"]?["phase"] == "Succeeded")
    }

    @Test func `annotations say what a container does`() async throws {
        let world = TestWorld()
        _ = try await world.post(
            Self.manifest([
                "sim.podwire.dev/lines": "2", "sim.podwire.dev/rate": "1",
                "sim.podwire.dev/bytes.main": "20", "sim.podwire.dev/outputs": "a=1;b=x=y",
                "sim.podwire.dev/exit-code": "137", "sim.podwire.dev/exit-reason": "OOMKilled",
                "sim.podwire.dev/schedule-delay": "10s",
                "podwire.dev/output-token": "T",
            ]))
        world.pass(.seconds(9))
        #expect(try await world.get("/api/v1/namespaces/default/pods/p/log").status == 204)
        world.pass(.seconds(20))
        let lines = try await world.get("/api/v1/namespaces/default/pods/p/log").read()
            .split(separator: "\n")
        #expect(lines[0].count == 19)
        #expect(lines.suffix(2) == ["JOB_OUT[T] a=1", "JOB_OUT[T] b=x=y"])
        let pod = try await world.get("/api/v1/namespaces/default/pods/p").json()
        let state = pod["status"]?["containerStatuses"]?.elements.first?["state"]
        #expect(state?["terminated"]?["exitCode"] == 137)
        #expect(state?["terminated"]?["reason"] == "OOMKilled")
    }

    @Test(arguments: [
        ("rate", "fast"), ("lines", "-1"), ("exit-code", "256"), ("bytes", "3"),
        ("style", "prose"), ("start-delay", "5"), ("outputs", "a"), ("colour", "red"),
        ("lines.other", "3"),
    ])
    func `an annotation that cannot be read is refused by name`(key: String, value: String)
        async throws
    {
        let world = TestWorld()
        let name = "sim.podwire.dev/\(key)"
        let answer = try await world.post(Self.manifest(.strings([name: value])))
        #expect(answer.status == 422)
        #expect(try answer.json()["message"]?.string?.contains(name) == true)
        #expect(world.cluster.version == 1_000)
    }

    @Test func `bad manifests are refused with the reason`() async throws {
        let world = TestWorld()
        #expect(try await world.post(["kind": "Service"]).status == 400)
        #expect(try await world.post(["metadata": ["name": "p"]]).status == 422)
        #expect(
            try await world.post([
                "metadata": ["name": "P_1"], "spec": ["containers": [["name": "m"]]],
            ]).status == 422)
        let broken = try await world.send(
            "POST", "/api/v1/namespaces/default/pods", body: Array("{".utf8))
        #expect(broken.status == 400)
        _ = try await world.post(Self.manifest([:]))
        let twice = try await world.post(Self.manifest([:]))
        #expect(twice.status == 409)
        #expect(try twice.json()["message"] == "pods \"p\" already exists")
    }

    @Test func `a namespace is there once it has a Pod`() async throws {
        let world = TestWorld()
        let path = "/api/v1/namespaces/other"
        #expect(try await world.get("/api/v1/namespaces/default").status == 200)
        let missing = try await world.get(path)
        #expect(missing.status == 404)
        #expect(try missing.json()["message"] == "namespaces \"other\" not found")
        _ = try await world.post(Self.manifest([:]), namespace: "other")
        #expect(try await world.get(path).status == 200)
        let list = try await world.get("/api/v1/namespaces").json()
        #expect(list["items"]?.elements.count == 2)
    }

    @Test func `a path that does not exist is told as Kubernetes does`() async throws {
        let world = TestWorld()
        let answer = try await world.get("/api/v1/configmaps")
        #expect(answer.status == 404)
        #expect(
            try answer.json()["message"] == "the server could not find the requested resource")
        #expect(try await world.send("PATCH", "/api/v1/pods").status == 405)
    }
}
