import Testing

@testable import WebServer

@Suite("WebSocketReader")
struct WebSocketReaderTests {
    /// Reads everything, byte by byte more, and returns what was completed.
    private func events(_ bytes: [UInt8]) throws -> [WebSocketReader.Event] {
        var reader = WebSocketReader(maxMessageBytes: 1_000)
        var events: [WebSocketReader.Event] = []
        var start = 0
        for end in 1...bytes.count {
            let (taken, event) = try reader.read(bytes[start..<end])
            start += taken
            if let event { events.append(event) }
        }
        #expect(start == bytes.count)
        return events
    }

    @Test("The examples of RFC 6455 are read")
    func examples() throws {
        // Section 5.7: a masked "Hello", and a masked pong.
        let hello: [UInt8] = [
            0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58,
        ]
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(try events(hello + pong) == [.message(.text("Hello")), .pong])
    }

    @Test("A close without a code is answered with 1000")
    func emptyClose() throws {
        #expect(try events(TestClient.frame(8, [])) == [.close(code: 1000)])
        #expect(try events(TestClient.frame(8, [0x0F, 0xA0])) == [.close(code: 4000)])
    }

    @Test("A length is refused before its bytes arrive")
    func lengthFirst() {
        var reader = WebSocketReader(maxMessageBytes: 1_000)
        #expect(throws: WebSocketReader.Failure.self) {
            try reader.read([0x82, 0xFE, 0x03, 0xE9, 0, 0, 0, 0][...])
        }
    }

    @Test("A close reason is cut between characters")
    func longReason() {
        let frame = WebSocketFrame.close(code: 1001, reason: String(repeating: "é", count: 100))
        #expect(frame.count == 2 + 2 + 122)
        #expect(frame[1] == 124)
    }
}
