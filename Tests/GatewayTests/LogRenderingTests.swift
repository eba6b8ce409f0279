import ByteBlocks
import LogModel
import Testing

@testable import Gateway

@Suite struct LogRenderingTests {
    private let batch = Samples.batch(first: 10, ["alpha", "beta", "gamma"], start: 100)

    private func all(_ batch: NumberedBatch) -> LogPiece { part(batch, batch.first..<batch.next) }

    private func part(_ batch: NumberedBatch, _ range: Range<Int64>) -> LogPiece {
        LogPiece(lines: batch, range: range, gap: nil, frame: nil)
    }

    @Test func `a whole batch goes out as the block it arrived in`() {
        var rendering = LogRendering(.bytes)
        let blocks = rendering.render(all(batch))
        #expect(blocks.count == 1)
        #expect(blocks.first === batch.batch.text)
    }

    @Test func `a whole batch within the limit goes out as it is and counts`() {
        var rendering = LogRendering(.bytes, limitBytes: 20)
        #expect(rendering.render(all(batch)).first === batch.batch.text)
        #expect(rendering.remaining == 3)
        #expect(rendering.render(all(batch)).text == "alp")
        #expect(rendering.isFull)
        #expect(rendering.render(all(batch)).isEmpty)
    }

    @Test(arguments: [
        (Int64(10)..<Int64(11), "alpha\n"), (11..<13, "beta\ngamma\n"), (12..<12, ""),
    ])
    func `only lines of the range go out`(range: Range<Int64>, text: String) {
        var rendering = LogRendering(.bytes)
        #expect(rendering.render(part(batch, range)).text == text)
    }

    @Test func `times stand at the start of each line`() {
        var rendering = LogRendering(.bytes, timestamps: true)
        #expect(
            rendering.render(part(batch, 11..<13)).text == """
                1970-01-01T00:01:41.000000000Z beta
                1970-01-01T00:01:42.000000000Z gamma

                """)
    }

    @Test func `no time stands before a later part of a long line`() {
        var rendering = LogRendering(.bytes, timestamps: true)
        let start = Samples.batch(first: 0, ["whole", "part1-"], closed: false)
        let middle = Samples.batch(first: 2, ["part2-"], closed: false)
        let rest = Samples.batch(first: 3, ["part3", "next"])
        let text = [start, middle, rest].map { rendering.render(all($0)).text }.joined()
        #expect(
            text == """
                1970-01-01T00:00:00.000000000Z whole
                1970-01-01T00:00:01.000000000Z part1-part2-part3
                1970-01-01T00:00:01.000000000Z next

                """)
    }

    @Test func `reading that starts inside a long line gives its rest no time`() {
        var rendering = LogRendering(.bytes, timestamps: true, startsInsideLine: true)
        let rest = Samples.batch(first: 3, ["rest", "next"])
        #expect(
            rendering.render(all(rest)).text
                == "rest\n1970-01-01T00:00:01.000000000Z next\n")
    }

    @Test func `since is decided line by line because times are not in order`() {
        var rendering = LogRendering(.bytes, since: LogTime(seconds: 5))
        let mixed = Samples.batch(
            ["old", "new", "older", "newer"].map { Array($0.utf8) },
            times: [4, 5, 3, 6].map { $0 * Samples.second })
        #expect(rendering.render(all(mixed)).text == "new\nnewer\n")
        let late = Samples.batch(["x"], start: 9)
        #expect(rendering.render(all(late)).first === late.batch.text)
        let early = Samples.batch(["y"], start: 1)
        #expect(rendering.render(all(early)).isEmpty)
    }

    @Test func `the limit counts times and cuts the last line`() {
        var rendering = LogRendering(.bytes, timestamps: true, limitBytes: 40)
        let text = rendering.render(all(batch)).text
        #expect(text == "1970-01-01T00:01:40.000000000Z alpha\n197")
        #expect(rendering.isFull)
    }

    @Test func `text frames end in a newline and are the batch itself where they can be`() {
        var rendering = LogRendering(.text)
        #expect(rendering.render(all(batch)).first === batch.batch.text)
        let open = Samples.batch(first: 13, ["last"], closed: false)
        #expect(rendering.render(all(open)).text == "last\n")
    }

    @Test func `an event that does not fit the limit is the end, whatever would fit behind it`() {
        let batch = Samples.batch(first: 0, ["a", "a long line that does not fit", "b"])
        var rendering = LogRendering(.events, limitBytes: 30)
        #expect(rendering.render(all(batch)).text == "id: 0\ndata: a\n\n")
        #expect(rendering.isFull)
        #expect(rendering.render(all(batch)).isEmpty)
    }

    @Test func `text frames replace bytes that are not UTF-8, also when cut by the limit`() {
        var rendering = LogRendering(.text)
        let bad = Samples.batch([[0x61, 0xFF, 0x62]], times: [0])
        #expect(rendering.render(all(bad)).text == "a\u{FFFD}b\n")
        var limited = LogRendering(.text, limitBytes: 2)
        let wide = Samples.batch(["aé"])
        let frames = limited.render(all(wide))
        #expect(frames.text == "a\u{FFFD}")
        #expect(limited.isFull)
    }

    @Test func `what a frame becomes is made once for all readers`() {
        let open = Samples.batch(["no newline"], closed: false)
        let frame = LiveFrame([open], gap: nil, budget: FrameBudget(limitBytes: 1 << 20))
        let piece = LogPiece(lines: open, range: 0..<1, gap: nil, frame: frame)
        for form in [LogForm.text, .events, .records] {
            var one = LogRendering(form)
            var other = LogRendering(form)
            let first = one.render(piece)
            #expect(first.count == 1)
            #expect(first.first === other.render(piece).first)
        }
    }

    @Test func `frames hold whole lines and about 64 KiB`() {
        let line = String(repeating: "x", count: 999)
        let large = Samples.batch(Array(repeating: line, count: 200))
        let frames = FrameEncoding().blocks(of: large, gap: nil, stream: "")
        #expect(frames.count == 4)
        #expect(frames.allSatisfy { $0.count <= 64 << 10 && $0.text.hasSuffix("x\n") })
        #expect(frames.text == large.batch.text.text)
        let giant = Samples.batch(["a", String(repeating: "y", count: 200_000), "b"])
        let parts = FrameEncoding().blocks(of: giant, gap: nil, stream: "")
        #expect(parts.map(\.count) == [2, 200_001, 2])
    }

    @Test func `an event carries the line's number and text cannot forge fields`() {
        var rendering = LogRendering(.events, timestamps: false)
        let forged = Samples.batch(first: 7, ["ok\r", "x\rid: 99\revent: end", ""])
        #expect(
            rendering.render(all(forged)).text == """
                id: 7
                data: ok

                id: 8
                data: x
                data: id: 99
                data: event: end

                id: 9
                data:\u{20}


                """)
    }

    @Test func `stored text goes out as it is up to the limit`() {
        let blocks = ["one\n", "two\n", "three\n"].map { ByteBlock($0.utf8) }
        var whole = LogRendering(.bytes)
        #expect(
            whole.render(blocks).map(ObjectIdentifier.init) == blocks.map(ObjectIdentifier.init))
        var limited = LogRendering(.bytes, limitBytes: 6)
        #expect(limited.render(blocks).text == "one\ntw")
        #expect(limited.isFull)
        #expect(!LogRendering(.text).isTextOnly)
        #expect(!LogRendering(.bytes, timestamps: true).isTextOnly)
        #expect(!LogRendering(.bytes, since: LogTime(seconds: 1)).isTextOnly)
    }

    @Test func `a gap in the middle of a line gets a line of its own in exact bytes only`() {
        var bytes = LogRendering(.bytes, timestamps: true)
        _ = bytes.render(all(Samples.batch(["part"], closed: false)))
        #expect(bytes.breakLine().text == "\n")
        let gap = Samples.batch(first: 1, ["--- gap ---"])
        let stamped = "1970-01-01T00:00:00.000000000Z --- gap ---\n"
        #expect(bytes.render(part(gap, 1..<2)).text == stamped)
        var text = LogRendering(.text)
        #expect(text.breakLine().isEmpty)
    }
}
