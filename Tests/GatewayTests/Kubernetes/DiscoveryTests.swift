import Testing
import WebServer

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct DiscoveryTests {
    @Test(arguments: [
        ("/version", KubernetesRoute.version), ("/api", .coreVersions), ("/api/v1", .coreResources),
        ("/apis", .groups), ("/apis/batch", .batchGroup), ("/apis/batch/v1", .batchResources),
        ("/api/v1/namespaces", .namespaces), ("/api/v1/namespaces/n", .namespace("n")),
        ("/api/v1/pods", .pods(namespace: nil)),
        ("/api/v1/namespaces/n/pods", .pods(namespace: "n")),
        ("/api/v1/namespaces/n/pods/p", .pod(namespace: "n", name: "p")),
        ("/api/v1/namespaces/n/pods/p/log", .log(namespace: "n", pod: "p")),
        ("/apis/batch/v1/namespaces/n/jobs/j", .job(namespace: "n", name: "j")),
        ("/api/v2", .unknown), ("/api/v1/nodes", .unknown), ("/apis/apps/v1", .unknown),
        ("/api/v1/namespaces/n/pods/p/exec", .unknown),
        ("/api/v1/namespaces/n/services", .unknown), ("/openapi/v2", .unknown),
        ("/openapi/v3/api/v1", .unknown), ("/apis/batch/v1/jobs", .unknown),
        ("/api/v1/namespaces/n/pods/p/log/x", .unknown),
    ])
    func `a path of Kubernetes has one route`(path: String, route: KubernetesRoute) throws {
        #expect(Route(try Samples.request(path).segments) == .kubernetes(route))
    }

    @Test(arguments: ["/versions", "/version/x", "/apiary", "/"])
    func `other paths are none of Kubernetes'`(path: String) throws {
        #expect(KubernetesRoute(try Samples.request(path).segments) == nil)
    }

    @Test func `what can be had is told`() async throws {
        try await TestGateway.with { gateway in
            let version = try await gateway.json("/version")
            #expect(version["gitVersion"] as? String == "v1.36.0+podwire-1.2.3")
            #expect(try await gateway.json("/api")["versions"] as? [String] == ["v1"])
            for (path, names) in [
                ("/api/v1", ["namespaces", "pods", "pods/log"]), ("/apis/batch/v1", ["jobs"]),
            ] {
                let list = try await gateway.json(path)
                #expect(list["kind"] as? String == "APIResourceList")
                let resources = list["resources"] as? [[String: Any]] ?? []
                #expect(resources.compactMap { $0["name"] as? String } == names)
                #expect(
                    resources.allSatisfy { ($0["verbs"] as? [String])?.contains("get") == true })
            }
            let groups = try await gateway.json("/apis")["groups"] as? [[String: Any]]
            #expect(groups?.compactMap { $0["name"] as? String } == ["batch"])
            #expect(try await gateway.json("/apis/batch")["kind"] as? String == "APIGroup")
        }
    }

    @Test(arguments: ["/api/v1/nodes", "/openapi/v2", "/apis/apps/v1", "/api/v1/namespaces/n/x"])
    func `what cannot be had is refused in Kubernetes' words`(path: String) async throws {
        try await TestGateway.with { gateway in
            for method in ["GET", "POST"] {
                let refusal = try await gateway.refusal(path, method: method)
                #expect(refusal.code == 404)
                #expect(refusal.message == "the server could not find the requested resource")
            }
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
    func `nothing is changed`(method: String) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show()
            for path in ["/api/v1/namespaces/default/pods/p", "/api/v1/pods", "/version"] {
                let refusal = try await gateway.refusal(path, method: method)
                #expect(refusal.code == 405)
                #expect(
                    refusal.message
                        == "the server does not allow this method on the requested resource")
            }
        }
    }

    @Test func `namespaces are those of the Pods that are shown`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(uid: "a", namespace: "n2")
            try await gateway.show(uid: "b", namespace: "n1")
            #expect(try await gateway.json("/api/v1/namespaces").itemNames == ["n1", "n2"])
            let one = try await gateway.json("/api/v1/namespaces/n1")
            #expect(one.at("status", "phase") as? String == "Active")
            let refusal = try await gateway.refusal("/api/v1/namespaces/nix")
            #expect(refusal.message == "namespaces \"nix\" not found")
        }
    }

    @Test func `a Job is what its Pods tell of it`() async throws {
        let owner = #","ownerReferences":[{"kind":"Job","name":"j","uid":"j1","controller":true}]"#
        try await TestGateway.with { gateway in
            try await gateway.show(
                "j-1", uid: "a", labels: ["controller-uid": "j1", "x": "y"], job: "j",
                PodText.object("j-1", uid: "a", metadata: owner))
            let job = try await gateway.json("/apis/batch/v1/namespaces/default/jobs/j")
            #expect(job.at("metadata", "uid") as? String == "j1")
            #expect(
                job.at("spec", "selector", "matchLabels") as? [String: String]
                    == ["controller-uid": "j1"])
            try await gateway.show(
                "m-1", uid: "m",
                labels: ["x": "z", "batch.kubernetes.io/job-completion-index": "0"], job: "m",
                PodText.object("m-1", uid: "m", metadata: owner))
            let manual = try await gateway.json("/apis/batch/v1/namespaces/default/jobs/m")
            #expect(
                manual.at("spec", "selector", "matchLabels") as? [String: String] == ["x": "z"])
            for path in ["default/jobs/nix", "other/jobs/j"] {
                let refusal = try await gateway.refusal("/apis/batch/v1/namespaces/\(path)")
                #expect(refusal.code == 404)
                #expect(refusal.message.hasPrefix("jobs.batch \""))
            }
        }
    }
}
