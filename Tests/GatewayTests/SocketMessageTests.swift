import Store
import Testing

@testable import Gateway

@Suite struct SocketMessageTests {
    /// Each of them took the server's thread for tens of milliseconds to seconds.
    @Test(arguments: [
        String(repeating: "[", count: 400) + String(repeating: "]", count: 400),
        String(repeating: "{\"a\":", count: 400) + "1e999" + String(repeating: "}", count: 400),
        "[" + String(repeating: "{},", count: 4_000) + "{}]",
        "[" + String(repeating: "1.5,", count: 3_000) + "1]",
    ])
    func `a message that is dear to read is refused before it is read`(value: String) {
        let text = "{\"subscribe\":{\"id\":1,\"x\":\(value)}}"
        #expect(text.utf8.count < SocketMessage.limitBytes)
        #expect {
            try SocketMessage(text)
        } throws: { error in
            (error as? StatusResponse)?.message == "a message may have 256 values, 8 deep"
        }
    }

    @Test func `the largest subscription is far below the limits`() throws {
        let types = EventType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        let text =
            "{\"subscribe\":{\"id\":1,\"events\":{\"after\":7,\"types\":[\(types)],"
            + "\"namespace\":\"n\",\"workflow\":\"w\",\"job\":\"j\"}}}"
        let shape = JSONShape(text.utf8)
        #expect(shape.values <= SocketMessage.limits.values / 8)
        #expect(shape.depth <= SocketMessage.limits.depth / 2)
        guard case .subscribe(id: 1, .events(let parameters)) = try SocketMessage(text) else {
            Issue.record("another message")
            return
        }
        #expect(parameters.after == 7)
    }

    @Test(arguments: [
        ("", 0, 0), ("1", 0, 0), ("[]", 1, 1), ("[1,2]", 1, 2), ("[[],{}]", 2, 4),
        ("{\"a\":[{\"b\":1},2]}", 3, 4), ("\"[[[,,,\"", 0, 0), ("[\"\\\"[\",1]", 1, 2),
        ("[\"\\\\\",[1]]", 2, 3), ("]]]]", 0, 0), ("]][[", 0, 2), ("[[[", 3, 3),
    ])
    func `values and their depth are counted outside of texts`(
        text: String, depth: Int, values: Int
    ) {
        let shape = JSONShape(text.utf8)
        #expect(shape.depth == depth)
        #expect(shape.values == values)
    }
}
