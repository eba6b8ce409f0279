import Testing

@testable import WebServer

@Suite("RequestHead")
struct RequestHeadTests {
    @Test(
        "A field's value loses the blanks at its ends, and nothing else",
        arguments: [
            (" a ", "a"), ("\t \ta b\t", "a b"), ("", ""), (" \t ", ""),
            // A blank and the combining mark behind it are one character.
            (" \u{301}a", "\u{301}a"), ("a \u{6DB}", "a \u{6DB}"),
        ])
    func blanks(value: String, expected: String) throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX:\(value)\r\n"
        let head = try RequestHead(Array(text.utf8)[...])
        #expect(head.fields.first("X").map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test("A head whose last line does not end in CRLF is refused")
    func lastLine() {
        let text = "GET / HTTP/1.1\r\nHost: a"
        let failure = #expect(throws: RequestFailure.self) {
            try RequestHead(Array(text.utf8)[...])
        }
        #expect(failure?.status == 400)
    }
}
