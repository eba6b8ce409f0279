import LogModel
import SimulatedCluster
import Testing

/// Jobs through the API of a cluster whose time a test moves.
struct JobsTests {
    static let path = "/apis/batch/v1/namespaces/default/jobs"

    static func manifest(
        _ name: String = "etl", spec: JSONValue = [:], annotations: JSONValue = [:],
        pod: JSONValue = ["sim.podwire.dev/lines": "2"]
    ) -> JSONValue {
        let template: JSONValue = [
            "template": [
                "metadata": ["labels": ["app": "etl"], "annotations": pod],
                "spec": [
                    "restartPolicy": "Never",
                    "containers": [["name": "main", "image": "busybox"]],
                ],
            ]
        ]
        return [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": ["name": .string(name), "annotations": annotations],
            "spec": template.merged(with: spec),
        ]
    }

    static func create(_ world: TestWorld, _ manifest: JSONValue) async throws -> Answer {
        try await world.send("POST", path, body: manifest.encoded)
    }

    static func job(_ world: TestWorld, _ name: String = "etl") async throws -> JSONValue {
        try await world.get("\(path)/\(name)").json()
    }

    static func pods(_ world: TestWorld) async throws -> [JSONValue] {
        try await world.get("/api/v1/namespaces/default/pods").json()["items"]?.elements ?? []
    }

    static func conditions(_ job: JSONValue?) -> [String] {
        (job?["status"]?["conditions"]?.elements ?? [])
            .filter { $0["status"] == "True" }.compactMap { $0["type"]?.string }
    }

    /// What a watch of Jobs has brought: the type, and the conditions that held.
    static func events(_ answer: Answer) throws -> [String] {
        try answer.events().map { event in
            let conditions = conditions(event["object"]).joined(separator: ",")
            return "\(event["type"]?.string ?? "") \(conditions)"
        }
    }

    @Test func `a Job runs its Pod and is complete, and a watch sees it all`() async throws {
        let world = TestWorld()
        let watch = try await world.get("/apis/batch/v1/jobs?watch=1&resourceVersion=1000")
        let made = try await Self.create(world, Self.manifest())
        #expect(made.status == 201)
        let uid = try made.json()["metadata"]?["uid"]?.string ?? ""
        world.pass(.milliseconds(100))
        let pod = try #require(try await Self.pods(world).first)
        let labels = pod["metadata"]?["labels"]?.strings
        #expect(
            labels == [
                "app": "etl", "job-name": "etl", "controller-uid": uid,
                "batch.kubernetes.io/job-name": "etl", "batch.kubernetes.io/controller-uid": uid,
            ])
        let owner = try #require(pod["metadata"]?["ownerReferences"]?.elements.first)
        #expect(owner["kind"] == "Job" && owner["apiVersion"] == "batch/v1")
        #expect(owner["uid"] == .string(uid) && owner["controller"] == true)
        let name = pod["metadata"]?["name"]?.string ?? ""
        #expect(name.hasPrefix("etl-") && name.count == 9)
        #expect(try await Self.job(world)["status"]?["active"] == 1)
        world.pass(.seconds(10))
        let job = try await Self.job(world)
        #expect(Self.conditions(job) == ["SuccessCriteriaMet", "Complete"])
        #expect(job["status"]?["succeeded"] == 1 && job["status"]?["active"] == nil)
        #expect(job["status"]?["startTime"] != nil && job["status"]?["completionTime"] != nil)
        let events = try Self.events(watch)
        #expect(events.first == "ADDED ")
        let ends = ["MODIFIED SuccessCriteriaMet", "MODIFIED SuccessCriteriaMet,Complete"]
        #expect(events.suffix(2) == ends)
        let log = try await world.get("/api/v1/namespaces/default/pods/\(name)/log").read()
        #expect(log.hasSuffix("JOB_OUT lines=2\n"))
    }

    @Test func `a Job has the defaults that the API server writes`() async throws {
        let world = TestWorld()
        let spec = try await Self.create(world, Self.manifest()).json()["spec"]
        #expect(spec?["parallelism"] == 1 && spec?["completions"] == 1)
        #expect(spec?["backoffLimit"] == 6 && spec?["suspend"] == false)
        #expect(spec?["completionMode"] == "NonIndexed")
        #expect(
            spec?["selector"]?["matchLabels"]?.strings.keys.sorted() == [
                "batch.kubernetes.io/controller-uid"
            ])
        let made = try await Self.create(
            world, Self.manifest("wide", spec: ["parallelism": 2])
        ).json()
        #expect(made["spec"]?["completions"] == nil)
        #expect(made["metadata"]?["labels"]?["app"] == "etl")
    }

    @Test func `Pods that fail are tried again`() async throws {
        let world = TestWorld()
        let manifest = Self.manifest(
            annotations: ["sim.podwire.dev/failing-pods": "2", "sim.podwire.dev/backoff": "1s"])
        _ = try await Self.create(world, manifest)
        world.pass(.seconds(30))
        let phases = try await Self.pods(world).compactMap { $0["status"]?["phase"]?.string }
        #expect(phases.sorted() == ["Failed", "Failed", "Succeeded"])
        let job = try await Self.job(world)
        #expect(Self.conditions(job).last == "Complete")
        #expect(job["status"]?["failed"] == 2)
    }

    @Test func `too many failures end a Job as failed`() async throws {
        let world = TestWorld()
        let manifest = Self.manifest(
            spec: ["backoffLimit": 1],
            pod: ["sim.podwire.dev/lines": "1", "sim.podwire.dev/exit-code": "3"])
        _ = try await Self.create(world, manifest)
        world.pass(.seconds(30))
        let job = try await Self.job(world)
        #expect(Self.conditions(job) == ["FailureTarget", "Failed"])
        #expect(job["status"]?["conditions"]?.elements.last?["reason"] == "BackoffLimitExceeded")
        #expect(try await Self.pods(world).count == 2)
    }

    @Test func `a deadline stops a Job and its Pods`() async throws {
        let world = TestWorld()
        let manifest = Self.manifest(
            spec: ["activeDeadlineSeconds": 5], pod: ["sim.podwire.dev/lines": "endless"])
        _ = try await Self.create(world, manifest)
        world.pass(.seconds(4))
        #expect(try await Self.pods(world).count == 1)
        world.pass(.seconds(6))
        #expect(try await Self.pods(world).isEmpty)
        let job = try await Self.job(world)
        #expect(Self.conditions(job) == ["FailureTarget", "Failed"])
        #expect(job["status"]?["conditions"]?.elements.last?["reason"] == "DeadlineExceeded")
        #expect(job["status"]?["failed"] == 1)
    }

    @Test func `indexes are in names, labels and annotations`() async throws {
        let world = TestWorld()
        let spec: JSONValue = ["completionMode": "Indexed", "completions": 3, "parallelism": 3]
        _ = try await Self.create(world, Self.manifest(spec: spec))
        world.pass(.seconds(1))
        let key = "batch.kubernetes.io/job-completion-index"
        for (index, pod) in try await Self.pods(world).enumerated() {
            let metadata = pod["metadata"]
            #expect(metadata?["name"]?.string?.hasPrefix("etl-\(index)-") == true)
            #expect(metadata?["labels"]?[key] == .string("\(index)"))
            #expect(metadata?["annotations"]?[key] == .string("\(index)"))
        }
        world.pass(.seconds(10))
        #expect(try await Self.job(world)["status"]?["completedIndexes"] == "0-2")
    }

    @Test(arguments: [
        "application/merge-patch+json", "application/strategic-merge-patch+json",
    ])
    func `a Job is suspended and resumed by a patch`(type: String) async throws {
        let world = TestWorld()
        _ = try await Self.create(
            world, Self.manifest(pod: ["sim.podwire.dev/lines": "endless"]))
        world.pass(.seconds(2))
        let first = try await Self.pods(world).first?["metadata"]?["uid"]
        func patch(_ suspend: JSONValue) async throws -> Answer {
            try await world.send(
                "PATCH", Self.path + "/etl",
                body: (["spec": ["suspend": suspend]] as JSONValue).encoded,
                contentType: type)
        }
        #expect(try await patch(true).json()["spec"]?["suspend"] == true)
        world.pass(.seconds(5))
        #expect(try await Self.pods(world).isEmpty)
        let paused = try await Self.job(world)
        #expect(Self.conditions(paused) == ["Suspended"])
        #expect(paused["status"]?["failed"] == nil)
        #expect(try await patch(false).status == 200)
        world.pass(.seconds(1))
        let again = try #require(try await Self.pods(world).first?["metadata"]?["uid"])
        #expect(again != first)
        #expect(Self.conditions(try await Self.job(world)).isEmpty)
    }

    @Test func `a whole Job can be put, unless it has changed since`() async throws {
        let world = TestWorld()
        _ = try await Self.create(world, Self.manifest(spec: ["suspend": true]))
        world.pass(.seconds(1))
        var job = try await Self.job(world)
        let change: JSONValue = ["spec": ["suspend": false]]
        job = job.merged(with: change)
        let target = Self.path + "/etl"
        #expect(try await world.send("PUT", target, body: job.encoded).status == 200)
        let conflict = try await world.send("PUT", target, body: job.encoded)
        #expect(conflict.status == 409)
        #expect(try conflict.json()["reason"] == "Conflict")
    }

    @Test func `what may not be changed is refused by name`() async throws {
        let world = TestWorld()
        _ = try await Self.create(world, Self.manifest())
        let patch: JSONValue = ["spec": ["completions": 5]]
        let answer = try await world.send(
            "PATCH", Self.path + "/etl", body: patch.encoded,
            contentType: "application/merge-patch+json")
        #expect(answer.status == 422)
        #expect(try answer.json()["message"]?.string?.contains("spec.completions") == true)
        let unknown = try await world.send(
            "PATCH", Self.path + "/etl", body: patch.encoded,
            contentType: "application/json-patch+json")
        #expect(unknown.status == 415)
    }

    @Test(arguments: [("Background", 0), ("Foreground", 0), ("Orphan", 1), ("", 1)])
    func `a Job is deleted with or without its Pods`(policy: String, left: Int) async throws {
        let world = TestWorld()
        _ = try await Self.create(
            world, Self.manifest(pod: ["sim.podwire.dev/lines": "endless"]))
        world.pass(.seconds(2))
        let watch = try await world.get("\(Self.path)?watch=1")
        let query = policy.isEmpty ? "" : "?propagationPolicy=\(policy)"
        #expect(try await world.send("DELETE", Self.path + "/etl" + query).status == 200)
        let isThere = try await world.get(Self.path + "/etl").status == 200
        #expect(isThere == (policy == "Foreground"))
        world.pass(.seconds(5))
        let pods = try await Self.pods(world)
        #expect(pods.count == left)
        #expect(pods.allSatisfy { $0["metadata"]?["ownerReferences"] == nil })
        #expect(try await world.get(Self.path + "/etl").status == 404)
        #expect(try watch.events().last?["type"] == "DELETED")
    }

    @Test func `a finished Job and its Pods go after their time`() async throws {
        let world = TestWorld()
        _ = try await Self.create(world, Self.manifest(spec: ["ttlSecondsAfterFinished": 60]))
        world.pass(.seconds(30))
        #expect(Self.conditions(try await Self.job(world)).last == "Complete")
        world.pass(.seconds(60))
        #expect(try await world.get(Self.path + "/etl").status == 404)
        #expect(try await Self.pods(world).isEmpty)
        #expect(world.timers.count < 10)
    }

    @Test func `the same name is taken once, and unknown names are not there`() async throws {
        let world = TestWorld()
        _ = try await Self.create(world, Self.manifest())
        #expect(try await Self.create(world, Self.manifest()).status == 409)
        let answer = try await world.get(Self.path + "/other")
        #expect(answer.status == 404)
        #expect(
            try answer.json()["details"] == ["group": "batch", "kind": "jobs", "name": "other"])
    }

    @Test(
        arguments: [
            (["parallelism": -1], "spec.parallelism"),
            (["completionMode": "Indexed", "parallelism": 1], "spec.completions"),
            (["podFailurePolicy": ["rules": []]], "spec.podFailurePolicy"),
            (["template": ["spec": ["restartPolicy": "Always"]]], "restartPolicy"),
            (["template": ["spec": ["containers": []]]], "spec.template.spec.containers"),
            (
                ["template": ["metadata": ["annotations": ["sim.podwire.dev/colour": "red"]]]],
                "sim.podwire.dev/colour"
            ),
        ] as [(JSONValue, String)])
    func `a bad manifest is refused by field`(spec: JSONValue, field: String) async throws {
        let world = TestWorld()
        let answer = try await Self.create(world, Self.manifest(spec: spec))
        #expect(answer.status == 422)
        #expect(try answer.json()["message"]?.string?.contains(field) == true)
        #expect(world.cluster.version == 1_000)
    }

    @Test func `an annotation of a Job that does not exist is refused`() async throws {
        let world = TestWorld()
        for key in ["backoff", "failing-pods", "colour"] {
            let manifest = Self.manifest(annotations: .strings(["sim.podwire.dev/\(key)": "x"]))
            #expect(try await Self.create(world, manifest).status == 422)
        }
    }

    @Test func `a list has pages and selectors, and discovery names it`() async throws {
        let world = TestWorld()
        for name in ["a", "b", "c"] { _ = try await Self.create(world, Self.manifest(name)) }
        let list = try await world.get("/apis/batch/v1/jobs?limit=2").json()
        #expect(list["kind"] == "JobList" && list["apiVersion"] == "batch/v1")
        #expect(list["items"]?.elements.count == 2 && list["metadata"]?["continue"] != nil)
        let one = try await world.get(Self.path + "?fieldSelector=metadata.name=b").json()
        #expect(one["items"]?.elements.count == 1)
        let groups = try await world.get("/apis").json()["groups"]?.elements
        #expect(groups?.first?["name"] == "batch")
        let resources = try await world.get("/apis/batch/v1").json()["resources"]?.elements
        #expect(resources?.first?["kind"] == "Job")
    }

    @Test func `a watch of Jobs meets faults, and expires, as that of Pods`() async throws {
        let world = TestWorld(faults: try FaultMixture("watch-410=1"))
        let answer = try await world.get("/apis/batch/v1/jobs?watch=1&resourceVersion=1000")
        world.pass(.seconds(10))
        #expect(try answer.events().first?["object"]?["code"] == 410)
        #expect(answer.hasEnded)
    }

    @Test func `a cluster may have no Jobs`() async throws {
        let world = TestWorld(jobs: .absent)
        #expect(try await world.get("/apis").json()["groups"]?.elements.isEmpty == true)
        for target in ["/apis/batch/v1", "/apis/batch/v1/jobs", Self.path + "/etl"] {
            let answer = try await world.get(target)
            #expect(answer.status == 404)
            #expect(answer.read() == "404 page not found\n")
        }
    }

    @Test func `a cluster may forbid Jobs`() async throws {
        let world = TestWorld(jobs: .forbidden)
        let answer = try await world.get("/apis/batch/v1/jobs?watch=1")
        #expect(answer.status == 403)
        let message = try answer.json()["message"]?.string ?? ""
        #expect(message.contains("cannot watch resource \"jobs\" in API group \"batch\""))
        #expect(message.hasSuffix("at the cluster scope"))
        #expect(try await Self.create(world, Self.manifest()).status == 403)
    }
}
