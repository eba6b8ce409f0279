import Testing

@testable import WebServer

@Suite("RequestBodyReader")
struct RequestBodyReaderTests {
    @Test("A chunked body is the same however it is cut, and what follows is left")
    func cuts() throws {
        let bytes = Array("3\r\nabc\r\nA;x\r\n0123456789\r\n0\r\nT: v\r\n\r\nGET".utf8)
        for cut in 1..<bytes.count {
            var reader = try RequestBodyReader(.chunked, limit: 13)
            let first = try reader.consume(bytes[..<cut])
            let second = try reader.consume(bytes[first...])
            #expect(reader.isComplete)
            #expect(String(decoding: reader.body, as: UTF8.self) == "abc0123456789")
            #expect(first + second == bytes.count - 3)
        }
    }

    @Test(
        "A body that breaks its framing is refused",
        arguments: [
            ("g\r\n", 400), ("-1\r\n", 400), ("3\nabc\r\n", 400), ("3\r\nabcd\r\n", 400),
            ("FFFFFFFFFFFFFFFFFFFF\r\n", 413), ("65\r\n", 413), ("\r\n", 400),
        ])
    func broken(_ text: String, _ status: Int) throws {
        var reader = try RequestBodyReader(.chunked, limit: 100)
        #expect {
            _ = try reader.consume(Array(text.utf8)[...])
        } throws: { error in
            (error as? RequestFailure)?.status == status
        }
    }

    @Test("A line without an end is refused once it is too long")
    func endlessLine() throws {
        var reader = try RequestBodyReader(.chunked, limit: 100)
        let line = [UInt8](repeating: 0x30, count: RequestBodyReader.maxLineBytes)
        #expect(throws: RequestFailure.self) { try reader.consume(line[...]) }
    }
}
