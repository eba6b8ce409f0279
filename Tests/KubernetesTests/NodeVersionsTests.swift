import Logging
import ScriptedHTTP
import Testing

@testable import Kubernetes

/// What is known of the nodes' kubelets, and at what price.
@Suite(.timeLimit(.minutes(5)))
struct NodeVersionsTests {
    static let node = ##"""
        {"kind":"Node","status":{"nodeInfo":{"kubeletVersion":"v1.28.3+k3s1","osImage":"x"}}}
        """##

    /// Asks for `nodes` at the same time and returns what came out, and how many requests were sent.
    func ask(
        _ nodes: [String?],
        answer:
            @escaping @Sendable (ScriptedServer.Request)
            -> ScriptedServer.Answer
    ) async throws -> (versions: [KubeletVersion?], requests: Int) {
        try await KubernetesClientTests().withClient(answer: answer) { client, server in
            let versions = NodeVersions(client: client, logger: Logger(label: "test"))
            var found: [KubeletVersion?] = []
            for _ in 0..<2 {
                found = await withTaskGroup(of: (Int, KubeletVersion?).self) { group in
                    for (index, node) in nodes.enumerated() {
                        group.addTask { (index, await versions.kubeletVersion(of: node)) }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                        .sorted { $0.0 < $1.0 }.map(\.1)
                }
            }
            return (found, server.requests.count)
        }
    }

    @Test("all who ask for a node share one request, and its answer is kept")
    func shared() async throws {
        let found = try await ask(Array(repeating: "n1", count: 20) + ["n2"]) { request in
            request.path == "/api/v1/nodes/n1"
                ? .body(Self.node) : .body(Self.node.replacing("1.28", with: "1.29"))
        }
        #expect(found.requests == 2)
        #expect(found.versions.first == KubeletVersion("v1.28.3"))
        #expect(found.versions.last == KubeletVersion("v1.29.3"))
        #expect(found.versions.prefix(20).allSatisfy { $0?.followsAcrossRotation == false })
    }

    @Test(
        "where it may not be asked for it is unknown, and not asked for again",
        arguments: [
            (403, PodTexts.status(403, "Forbidden", "nodes is forbidden")),
            (404, PodTexts.status(404, "NotFound", "nodes \"n1\" not found")),
            (200, "{}"), (200, #"{"status":{"nodeInfo":{"kubeletVersion":"latest"}}}"#),
            (200, "no JSON"),
        ])
    func unknown(status: Int, body: String) async throws {
        let found = try await ask(["n1"]) { _ in .body(body, status: status) }
        #expect(found.versions == [nil])
        #expect(found.requests == 1)
    }

    @Test("an API server that is not well says nothing of a node, which is asked for again")
    func askedAgain() async throws {
        let found = try await ask(["n1"]) { _ in .body("no backend", status: 503) }
        #expect(found.versions == [nil])
        #expect(found.requests == 2)
    }

    @Test("a Pod without a node costs nothing")
    func noNode() async throws {
        let found = try await ask([nil, ""]) { _ in .body(Self.node) }
        #expect(found.versions == [nil, nil])
        #expect(found.requests == 0)
    }
}
