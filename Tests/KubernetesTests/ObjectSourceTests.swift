import Foundation
import Testing

@testable import Kubernetes

@Suite struct ObjectSourceTests {
    private func source(_ text: String) -> String? {
        ObjectSource.whole(Array(text.utf8)).map { String(decoding: $0.json, as: UTF8.self) }
    }

    @Test(arguments: [
        (#"{"metadata":{"name":"p"}}"#, #"{"metadata":{"name":"p"}}"#),
        (
            #"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","resourceVersion":"7"},"spec":{}}"#,
            #"{"metadata":{"name":"p"},"spec":{}}"#
        ),
        // Metadata comes first wherever it stood; what is like a name left out, but deeper, stays.
        (
            #"{"spec":{"kind":[1,{"metadata":"}"}]},"metadata":{"managedFields":[{"a":"]"}],"name":"p"}}"#,
            #"{"metadata":{"name":"p"},"spec":{"kind":[1,{"metadata":"}"}]}}"#
        ),
        // White space between values goes, within them it stays.
        (
            "{ \"metadata\" : {\n \"name\" : \"a \\\" b\" , \"n\":-1.5e3 } , \"x\" : null }\n",
            "{\"metadata\":{\"name\" : \"a \\\" b\",\"n\":-1.5e3},\"x\" : null}"
        ),
        (#"{"metadata":{},"a":true}"#, #"{"metadata":{},"a":true}"#),
    ])
    func `a text is kept without what only the server needs`(text: String, kept: String) throws {
        #expect(source(text) == kept)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(kept.utf8)) }
    }

    @Test(arguments: [
        "", " ", "7", "[]", "{", "{}", #"{"metadata":"#, #"{"metadata":7}"#, #"{"metadata":{"a"}}"#,
        #"{"metadata":{"a":1"#, #"{"metadata":{"a":"\"#, #"{"metadata":{} "x":1}"#,
        #"{"spec":{}}"#, #"{"metadata":{,}}"#,
    ])
    func `what is no object with metadata has no text`(text: String) {
        #expect(source(text) == nil)
    }

    @Test func `every prefix of a text is read without a crash`() {
        let text = PodTexts.pod("p", version: 3)
        let whole = source(text)
        #expect(whole?.hasPrefix(#"{"metadata":{"name":"p","#) == true)
        for length in 0..<text.utf8.count {
            #expect(source(String(text.prefix(length))) == nil)
        }
    }

    @Test func `the metadata can be had alone`() throws {
        let text = #"{"metadata":{"name":"p","labels":{"a":"}"}},"spec":{}}"#
        let found = try #require(ObjectSource.whole(Array(text.utf8)))
        #expect(
            String(decoding: found.metadata, as: UTF8.self) == #"{"name":"p","labels":{"a":"}"}}"#)
    }

    @Test func `the objects of a page and of an event carry their texts`() throws {
        let body = PodTexts.list(
            [PodTexts.pod("a", version: 1), PodTexts.pod("b", version: 2)], version: 7)
        let page = try JSONDecoder().decode(ResourceList<Pod>.self, from: Data(body.utf8))
            .attaching(from: Array(body.utf8))
        let texts = page.items.map { String(decoding: $0.source?.json ?? [], as: UTF8.self) }
        #expect(texts.map { $0.contains("resourceVersion") } == [false, false])
        #expect(texts[1].hasPrefix(#"{"metadata":{"name":"b","#))
        #expect(texts[1].hasSuffix(#""status":{"phase":"Running"}}"#))

        let line = Data(PodTexts.event("MODIFIED", PodTexts.pod("c", version: 3)).utf8)
        let event = try JSONDecoder().decode(WatchEvent<Pod>.self, from: line).attaching(from: line)
        guard case .modified(let pod) = event else {
            Issue.record("another event: \(event)")
            return
        }
        #expect(pod.source == ObjectSource.whole(Array(PodTexts.pod("c", version: 3).utf8)))
    }
}
