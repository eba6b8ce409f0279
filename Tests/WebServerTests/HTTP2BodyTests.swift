import ByteBlocks
import Testing

@testable import WebServer

@Suite("HTTP2Body")
struct HTTP2BodyTests {
    /// Fills frames of `bytes` until the body ends, waits or fails.
    private func fill(_ body: HTTP2Body, frames bytes: Int) -> ([UInt8], HTTP2Body.Filling) {
        var all: [UInt8] = []
        while true {
            var buffer = [UInt8](repeating: 0, count: bytes)
            let filling = buffer.withUnsafeMutableBytes { body.fill($0) }
            switch filling {
            case .bytes(let count): all += buffer.prefix(count)
            case .end(let count): return (all + buffer.prefix(count), filling)
            case .waiting, .failed: return (all, filling)
            }
        }
    }

    @Test("Blocks of any size fill frames of any size", arguments: [1, 2, 3, 7, 100])
    func cuts(_ frame: Int) {
        let source = TestSource([
            .bytes(block("one")), .bytes(block("")), .bytes(block("twothree")), .bytes(block("4")),
            .end,
        ])
        let (bytes, end) = fill(HTTP2Body(source, length: 12), frames: frame)
        #expect(bytes == Array("onetwothree4".utf8))
        // A frame that was full before the end was known is followed by an empty one.
        #expect(end == .end(12 % frame))
        let whole = fill(HTTP2Body(Array("onetwothree4".utf8)), frames: frame)
        #expect(whole.0 == Array("onetwothree4".utf8))
    }

    @Test("What is there is sent before the body waits, and it is not pulled again meanwhile")
    func waits() {
        let source = TestSource([.bytes(block("a")), .wait, .bytes(block("b")), .end])
        let body = HTTP2Body(source, length: nil)
        #expect(fill(body, frames: 10).0 == Array("a".utf8))
        #expect(body.isWaiting)
        #expect(fill(body, frames: 10).1 == .waiting)
        #expect(source.pulled == 2)
        body.woken()
        #expect(fill(body, frames: 10) == (Array("b".utf8), .end(1)))
    }

    @Test("What is there is sent before the body fails")
    func fails() {
        let source = TestSource([.bytes(block("abc")), .abort])
        #expect(
            fill(HTTP2Body(source, length: nil), frames: 2) == (Array("abc".utf8), .failed(nil)))
    }

    @Test("A body of another length than announced fails", arguments: [2, 4])
    func lengths(_ announced: Int) {
        let source = TestSource([.bytes(block("abc")), .end])
        let (bytes, end) = fill(HTTP2Body(source, length: announced), frames: 10)
        guard case .failed(.some) = end else {
            Issue.record("the body ended with \(end)")
            return
        }
        #expect(bytes == (announced == 2 ? [] : Array("abc".utf8)))
    }

    @Test("A body is closed once, and gives its block back")
    func closes() {
        let source = TestSource(rest: .bytes(block("x")))
        let body = HTTP2Body(source, length: nil)
        body.close()
        body.close()
        #expect(source.closing.count == 1)
    }
}
