import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct PodListTests {
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

    private func withPods(
        _ names: [String] = ["a", "b", "c", "d", "e"], _ body: (TestGateway) async throws -> Void
    ) async throws {
        try await TestGateway.with { gateway in
            for name in names {
                try await gateway.show(
                    name, uid: "uid-\(name)",
                    labels: ["vowel": "ae".contains(name) ? "yes" : "no"],
                    PodText.object(
                        name, uid: "uid-\(name)", phase: name == "c" ? "Failed" : "Running"))
            }
            try await body(gateway)
        }
    }

    @Test func `a Pod is shown as it was sent, with a version of Podwire's own`() async throws {
        try await withPods(["a"]) { gateway in
            let pod = try await gateway.json("\(Self.pods)/a")
            #expect(pod["kind"] as? String == "Pod")
            #expect(pod["apiVersion"] as? String == "v1")
            #expect(pod.at("metadata", "resourceVersion") as? String == "1")
            #expect(pod.at("metadata", "uid") as? String == "uid-a")
            #expect(pod.at("status", "phase") as? String == "Running")
            let refusal = try await gateway.refusal("\(Self.pods)/nix")
            #expect(refusal.code == 404)
            #expect(refusal.message == "pods \"nix\" not found")
        }
    }

    @Test func `of two Pods of one name the latest answers`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(uid: "new", created: 5, PodText.object(uid: "new"))
            try await gateway.show(
                uid: "old", created: 3, gone: LogTime(seconds: 4), PodText.object(uid: "old"))
            let pod = try await gateway.json("\(Self.pods)/p")
            #expect(pod.at("metadata", "uid") as? String == "new")
            #expect(try await gateway.json(Self.pods).itemNames == ["p"])
        }
    }

    @Test(arguments: [
        ("", ["a", "b", "c", "d", "e"]), ("?labelSelector=vowel%3Dyes", ["a", "e"]),
        ("?labelSelector=vowel%21%3Dyes", ["b", "c", "d"]),
        ("?fieldSelector=metadata.name%3Db", ["b"]),
        ("?fieldSelector=status.phase%3DFailed", ["c"]),
        ("?fieldSelector=status.phase%21%3DFailed&labelSelector=vowel%3Dno", ["b", "d"]),
        ("?fieldSelector=metadata.namespace%3Dother", []),
        ("?limit=0", ["a", "b", "c", "d", "e"]), ("?limit=-1", ["a", "b", "c", "d", "e"]),
        ("?resourceVersion=0", ["a", "b", "c", "d", "e"]),
    ])
    func `Pods are listed by name`(query: String, names: [String]) async throws {
        try await withPods { gateway in
            for path in [Self.pods, "/api/v1/pods"] {
                let list = try await gateway.json(path + query)
                #expect(list["kind"] as? String == "PodList")
                #expect(list.at("metadata", "resourceVersion") as? String == "5")
                #expect(list.itemNames == names)
            }
            #expect(try await gateway.json("/api/v1/namespaces/other/pods").itemNames == [])
        }
    }

    @Test(arguments: [
        ("", [["a", "b"], ["c", "d"], ["e"]]),
        ("&labelSelector=vowel%3Dno", [["b", "c"], ["d"]]),
        ("&fieldSelector=status.phase%3DRunning", [["a", "b"], ["d", "e"]]),
    ])
    func `pages go on with the first one's version`(
        query: String, pages: [[String]]
    ) async throws {
        try await withPods { gateway in
            var token = ""
            for names in pages {
                let list = try await gateway.json("\(Self.pods)?limit=2\(query)&continue=\(token)")
                #expect(list.itemNames == names)
                #expect(list.at("metadata", "resourceVersion") as? String == "5")
                let next = list.at("metadata", "continue") as? String
                #expect((next == nil) == (names == pages.last))
                token = (next ?? "").replacing("+", with: "%2B").replacing("=", with: "%3D")
                // What comes in between does not change the version.
                try await gateway.show("z\(names[0])", uid: "z\(names[0])", namespace: "other")
            }
        }
    }

    @Test func `a list of many Pods is whole`() async throws {
        try await TestGateway.with { gateway in
            let count = Int(PodList.pageLimit) * 2 + 3
            try await gateway.store.write { [store = gateway.store] transaction in
                for number in 0..<count {
                    let text = PodText.object("p\(number)", uid: "u\(number)")
                    try transaction.store(
                        PodObjectRow(
                            uid: "u\(number)", namespace: "default", name: "p\(number)",
                            createdAt: .now, clusterVersion: "1",
                            object: store.pack(Array(text.utf8))))
                }
            }
            let names = try await gateway.json(Self.pods).itemNames
            #expect(names.count == count)
            #expect(Set(names).count == count)
            // A page has no more than it may, whatever is asked for.
            let page = try await gateway.json("\(Self.pods)?limit=100000")
            #expect(page.itemNames.count == Int(PodList.pageLimit))
            #expect(page.at("metadata", "continue") != nil)
            #expect(try await gateway.json(Self.pods, accept: Self.table).rowNames.count == count)
        }
    }

    @Test func `tables have kubectl's columns`() async throws {
        try await withPods(["a", "b"]) { gateway in
            for (path, names) in [(Self.pods, ["a", "b"]), ("\(Self.pods)/b", ["b"])] {
                let table = try await gateway.json(path, accept: Self.table)
                #expect(table["kind"] as? String == "Table")
                #expect(table.rowNames == names)
                let columns = table["columnDefinitions"] as? [[String: Any]] ?? []
                #expect(
                    columns.compactMap { $0["name"] as? String } == [
                        "Name", "Ready", "Status", "Restarts", "Age", "IP", "Node",
                        "Nominated Node", "Readiness Gates",
                    ])
                let rows = table["rows"] as? [[String: Any]]
                #expect(
                    rows?.last?.at("object", "kind") as? String == "PartialObjectMetadata")
                #expect(rows?.last?.at("object", "metadata", "uid") as? String == "uid-b")
            }
            let whole = try await gateway.json(
                "\(Self.pods)?includeObject=Object", accept: Self.table)
            let rows = whole["rows"] as? [[String: Any]]
            #expect(rows?.first?.at("object", "status", "phase") as? String == "Running")
            let none = try await gateway.get(
                "\(Self.pods)?includeObject=None", fields: ["Accept: \(Self.table)"])
            #expect(none.text.contains(#""object":null"#))
        }
    }

    @Test func `metadata can be had alone`() async throws {
        try await withPods(["a", "b"]) { gateway in
            let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
            let list = try await gateway.json(Self.pods, accept: accept)
            #expect(list["kind"] as? String == "PartialObjectMetadataList")
            #expect(list.itemNames == ["a", "b"])
            let items = list["items"] as? [[String: Any]]
            #expect(items?.first?.keys.sorted() == ["apiVersion", "kind", "metadata"])
        }
    }

    @Test(arguments: [
        ("labelSelector=a%3Db%3Dc", 400, "found '=', expected: ',' or 'end of string'"),
        ("fieldSelector=foo%3Db", 400, "field label not supported: foo"),
        ("limit=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax"),
        ("limit=", 400, "strconv.ParseInt: parsing \"\": invalid syntax"),
        (
            "limit=99999999999999999999", 400,
            "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"
        ),
        (
            "limit=1&continue=abc", 400,
            "invalid continue token: continue key is not valid: abc"
        ),
        (
            "continue=eyJydiI6MSwic3RhcnQiOiJ4In0%3D", 400,
            "invalid continue token: continue key is not valid: x"
        ),
        (
            "resourceVersion=abc", 400,
            "resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": "
                + "invalid syntax"
        ),
        ("resourceVersion=99", 410, "too large resource version: 99, current: 1"),
        (
            "includeObject=All", 400,
            "includeObject: \"All\" is not known: one of None, Metadata, "
                + "Object is allowed"
        ),
    ])
    func `bad parameters are refused`(query: String, code: Int, message: String) async throws {
        try await withPods(["a"]) { gateway in
            let refusal = try await gateway.refusal("\(Self.pods)?\(query)")
            #expect(refusal.code == code)
            #expect(refusal.message == message)
        }
    }

    @Test func `a client that takes no JSON is refused`() async throws {
        try await withPods(["a"]) { gateway in
            for path in [Self.pods, "\(Self.pods)/a", "/version", "\(Self.pods)/a/log"] {
                let refusal = try await gateway.refusal(
                    path, fields: ["Accept: application/vnd.kubernetes.protobuf"])
                #expect(refusal.code == 406)
                #expect(refusal.reason == "NotAcceptable")
            }
        }
    }
}
