import LogModel
import SimulatedCluster
import Testing

struct ObjectListingTests {
    private static func names(_ list: JSONValue) -> [String] {
        (list["items"]?.elements ?? []).compactMap { $0["metadata"]?["name"]?.string }
    }

    @Test func `pages join to the whole list and share its version`() async throws {
        let world = TestWorld()
        for index in 0..<7 { try world.create("p\(index)") }
        var names: [String] = []
        var versions: Set<String> = []
        var target = "/api/v1/pods?limit=3"
        for _ in 0..<3 {
            let list = try await world.get(target).json()
            names += Self.names(list)
            versions.insert(list["metadata"]?["resourceVersion"]?.string ?? "")
            let token = list["metadata"]?["continue"]?.string ?? ""
            target = "/api/v1/pods?limit=3&continue=" + token.replacing("=", with: "%3D")
            try world.create("q\(names.count)")
        }
        #expect(names.prefix(7) == ["p0", "p1", "p2", "p3", "p4", "p5", "p6"])
        #expect(versions.count == 1)
    }

    @Test func `a page says how many Pods are left`() async throws {
        let world = TestWorld()
        for index in 0..<5 { try world.create("p\(index)") }
        let list = try await world.get("/api/v1/namespaces/default/pods?limit=2").json()
        #expect(list["metadata"]?["remainingItemCount"] == 3)
    }

    @Test func `a continue token that is too old or made up is refused`() async throws {
        let world = TestWorld(historyCapacity: 1)
        for index in 0..<3 { try world.create("p\(index)") }
        let list = try await world.get("/api/v1/pods?limit=1").json()
        let token = list["metadata"]?["continue"]?.string ?? ""
        world.pass(.seconds(30))
        let answer = try await world.get(
            "/api/v1/pods?continue=" + token.replacing("=", with: "%3D"))
        #expect(answer.status == 410)
        #expect(try answer.json()["reason"] == "Expired")
        #expect(try await world.get("/api/v1/pods?continue=abc").status == 400)
    }

    @Test func `namespaces and selectors narrow a list`() async throws {
        let world = TestWorld()
        try world.create("a", labels: ["app": "x"])
        try world.create("b", labels: ["app": "y"])
        _ = try await world.post(
            ["metadata": ["name": "c"], "spec": ["containers": [["name": "m"]]]],
            namespace: "other")
        func list(_ target: String) async throws -> [String] {
            Self.names(try await world.get(target).json())
        }
        #expect(try await list("/api/v1/pods") == ["a", "b", "c"])
        #expect(try await list("/api/v1/namespaces/other/pods") == ["c"])
        #expect(try await list("/api/v1/pods?labelSelector=app%20in%20(y)") == ["b"])
        #expect(try await list("/api/v1/pods?fieldSelector=metadata.name=a") == ["a"])
        #expect(try await list("/api/v1/pods?fieldSelector=spec.nodeName=") == ["a", "b", "c"])
    }

    @Test func `kubectl is given a table`() async throws {
        let world = TestWorld()
        try world.create("a")
        world.pass(.seconds(3))
        let table = try await world.get("/api/v1/pods", accept: "application/json;as=Table").json()
        #expect(table["kind"] == "Table")
        #expect(table["rows"]?.elements.first?["cells"] == ["a", "1/1", "Running", "0", "3s"])
    }
}
