import ByteBlocks
import Testing

@testable import WebServer

@Suite("permessage-deflate")
struct DeflateTests {
    @Test(
        "Offers that can be met are taken, others are declined",
        arguments: [
            ([], false), (["permessage-deflate"], true),
            (["permessage-deflate; client_max_window_bits"], true),
            (["permessage-deflate; client_max_window_bits=10"], true),
            (
                ["permessage-deflate ;  server_no_context_takeover; client_no_context_takeover"],
                true
            ),
            (["permessage-deflate; server_max_window_bits=15"], true),
            (["permessage-deflate; server_max_window_bits=\"15\""], true),
            (["permessage-deflate; server_max_window_bits=10"], false),
            (["permessage-deflate; server_max_window_bits=10", "permessage-deflate"], true),
            (["permessage-deflate; client_max_window_bits=16"], false),
            (["permessage-deflate; client_max_window_bits=+9"], false),
            (["permessage-deflate; client_max_window_bits=010"], false),
            (["permessage-deflate; client_no_context_takeover=1"], false),
            (["permessage-deflate; unknown"], false),
            (["permessage-deflate; client_max_window_bits; client_max_window_bits"], false),
            (["x-webkit-deflate-frame"], false),
        ])
    func offers(_ offers: [String], _ isAcceptable: Bool) {
        #expect(DeflateOffer.isAcceptable(offers) == isAcceptable)
    }

    @Test("What is deflated is inflated to the same, once for the same block")
    func roundTrip() throws {
        let deflater = FrameDeflater()
        let text = (0..<500).map { "line \($0) of a log\n" }.joined()
        let block = ByteBlock(text.utf8)
        let packed = try #require(deflater.deflated(block))
        #expect(packed.count < block.count / 2)
        #expect(deflater.deflated(block) === packed)
        let unpacked = try MessageInflater.inflate(packed.copy, limit: block.count)
        #expect(unpacked == Array(text.utf8))
    }

    @Test("What is small, or becomes no smaller, is left as it is")
    func left() {
        let deflater = FrameDeflater()
        #expect(deflater.deflated(ByteBlock([UInt8](repeating: 1, count: 255))) == nil)
        var state: UInt64 = 1
        let noise = (0..<4_096).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
        #expect(deflater.deflated(ByteBlock(noise)) == nil)
    }

    @Test("Compression takes a quarter of the time, and a tenth of a second at once")
    func allowance() {
        var allowance = DeflateAllowance()
        let start = ContinuousClock.now
        #expect(allowance.isGranted(at: start) == true)
        allowance.spend(.milliseconds(120))
        #expect(allowance.isGranted(at: start) == false)
        #expect(allowance.isGranted(at: start + .milliseconds(79)) == false)
        #expect(allowance.isGranted(at: start + .milliseconds(90)) == true)
        allowance.spend(.milliseconds(3))
        #expect(allowance.isGranted(at: start + .milliseconds(90)) == false)
        #expect(allowance.isGranted(at: start + .seconds(1_000)) == true)
        allowance.spend(.milliseconds(101))
        #expect(allowance.isGranted(at: start + .seconds(1_000)) == false, "no more is saved up")
    }

    @Test("A message that unpacks to more than the limit fails as soon as it does")
    func bomb() throws {
        let zeros = ByteBlock([UInt8](repeating: 0, count: 4 << 20))
        let packed = try #require(FrameDeflater().deflated(zeros)).copy
        #expect(packed.count < 40_000)
        #expect(
            throws: WebSocketReader.Failure(code: 1009, reason: "a message may have 1000 bytes")
        ) {
            try MessageInflater.inflate(packed, limit: 1_000)
        }
    }

    @Test("The examples of RFC 7692 are read")
    func examples() throws {
        // Section 7.2.3.1: "Hello"; 7.2.3.4: with a last block; 7.2.3.5: in two blocks.
        let hello = Array("Hello".utf8)
        for packed: [UInt8] in [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
            // 7.2.3.3: not compressed.
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
        ] {
            #expect(try MessageInflater.inflate(packed, limit: 100) == hello)
        }
        #expect(try MessageInflater.inflate([0x00], limit: 100) == [])
    }

    @Test(
        "What cannot be unpacked fails",
        arguments: [[0x07], [0xFF, 0xFF, 0xFF]] as [[UInt8]])
    func broken(_ packed: [UInt8]) {
        #expect(throws: WebSocketReader.Failure.self) {
            try MessageInflater.inflate(packed, limit: 100)
        }
    }

    @Test("Compressed frames are read where that was agreed, and are a breach elsewhere")
    func reader() throws {
        let packed: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        var frame = TestClient.frame(1, packed)
        frame[0] |= 0x40
        var plain = WebSocketReader(maxMessageBytes: 100)
        #expect(throws: WebSocketReader.Failure.self) { try plain.read(frame[...]) }
        var reader = WebSocketReader(maxMessageBytes: 100, inflates: true)
        #expect(try reader.read(frame[...]).event == .message(.text("Hello")))
        // In fragments, of which only the first one says so.
        var first = TestClient.frame(1, Array(packed[..<3]), isFinal: false)
        first[0] |= 0x40
        #expect(try reader.read(first[...]).event == nil)
        let last = TestClient.frame(0, Array(packed[3...]))
        #expect(try reader.read(last[...]).event == .message(.text("Hello")))
        for opcode: UInt8 in [0, 8, 9, 10] {
            var wrong = TestClient.frame(opcode, [])
            wrong[0] |= 0x40
            #expect(throws: WebSocketReader.Failure.self) { try reader.read(wrong[...]) }
        }
    }
}

extension ServerTests {
    @Suite("Compressed and stalled WebSockets", .timeLimit(.minutes(5)))
    struct DeflateServerTests {
        @Test("A client that asks for it is sent compressed frames, another one plain ones")
        func compressed() async throws {
            let text = String(repeating: "all work and no play\n", count: 100)
            let shared = ByteBlock(text.utf8)
            let handler = TestHandler(decide: { _ in
                .accept(subprotocol: nil, TestSession([.text(shared), .text(block("tiny"))]))
            })
            try await withServer(handler) { port in
                let plain = try TestClient(port: port)
                #expect(try plain.upgrade().fields["sec-websocket-extensions"] == nil)
                #expect(try plain.readFrame().text == text)
                let client = try TestClient(port: port)
                try client.request(
                    "GET", "/",
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                )
                let head = try client.readHead()
                #expect(head.fields["sec-websocket-extensions"] == DeflateOffer.answer)
                let start = try client.read(1)
                #expect(start == [0xC1])
                let length = Int(try client.read(1)[0])
                #expect(length < 126)
                let packed = try client.read(length)
                let unpacked = try MessageInflater.inflate(packed, limit: text.utf8.count)
                #expect(String(decoding: unpacked, as: UTF8.self) == text)
                #expect(try client.readFrame().text == "tiny")
            }
        }

        @Test("A client that takes nothing for too long loses its session, and reads why later")
        func stalled() async throws {
            let endless = TestSession(
                [FramePull](
                    repeating: .binary(ByteBlock([UInt8](repeating: 7, count: 1 << 20))), count: 64)
            )
            let handler = TestHandler(decide: { _ in .accept(subprotocol: nil, endless) })
            try await withServer(
                handler,
                {
                    // So long again it has to begin to read.
                    $0.stallTimeout = .seconds(5)
                    $0.stallClose = (4508, "too slow")
                }
            ) { port in
                let client = try TestClient(port: port, receiveBuffer: 4_096)
                try client.upgrade()
                #expect(endless.closing.wait())
                var frame = try client.readFrame()
                while frame.opcode == 2 { frame = try client.readFrame() }
                #expect(frame.opcode == 8)
                #expect(frame.code == 4508)
                #expect(frame.reason == "too slow")
            }
            #expect(endless.closing.count == 1)
        }
    }
}
