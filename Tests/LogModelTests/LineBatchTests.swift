import ByteBlocks
import LogModel
import Testing

@Suite("Batches of lines")
struct LineBatchTests {
    private func batch(_ lines: [String], lastIsOpen: Bool = false) -> LineBatch? {
        var builder = LineBatchBuilder()
        for (index, line) in lines.enumerated() {
            let bytes = Array(line.utf8)
            bytes.withUnsafeBytes {
                builder.add(
                    $0, time: Int64(index),
                    newline: !(lastIsOpen && index == lines.count - 1))
            }
        }
        return builder.take()
    }

    private func texts(_ batch: LineBatch?) -> [String] {
        (0..<(batch?.count ?? 0)).map {
            String(decoding: batch?.line($0) ?? .init(start: nil, count: 0), as: UTF8.self)
        }
    }

    @Test("give back the lines that went in, empty ones too")
    func lines() {
        let batch = batch(["a", "", "ccc"])
        #expect(texts(batch) == ["a", "", "ccc"])
        #expect(batch?.text.text == "a\n\nccc\n")
        #expect(batch?.byteCount == 7)
        #expect(batch?.endsWithNewline == true)
    }

    @Test("keep a last line without its newline as it is")
    func openLine() {
        let batch = batch(["a", "b"], lastIsOpen: true)
        #expect(batch?.text.text == "a\nb")
        #expect(texts(batch) == ["a", "b"])
        #expect(batch?.endsWithNewline == false)
    }

    @Test("can lose their first lines, and keep numbers and times")
    func dropFirst() {
        let rest = batch(["a", "bb", "ccc"])?.dropFirst(1)
        #expect(texts(rest) == ["bb", "ccc"])
        #expect(rest?.times == [1, 2])
        #expect(texts(batch(["a", "bb", "ccc"])?.slice(1..<2)) == ["bb"])
    }

    @Test("are taken from a builder that is empty then")
    func builder() {
        var builder = LineBatchBuilder()
        #expect(builder.take() == nil)
        Array("x".utf8).withUnsafeBytes { builder.add($0, time: 5) }
        #expect(builder.count == 1)
        #expect(builder.take()?.maxTime == 5)
        #expect(builder.byteCount == 0)
        #expect(builder.take() == nil)
    }

    @Test("know the number behind their last line")
    func numbers() throws {
        let two = try #require(batch(["a", "b"]))
        #expect(NumberedBatch(first: 10, batch: two).next == 12)
    }
}

@Suite("Names of streams and gaps")
struct StreamNameTests {
    @Test("a stream's name is read as it is written")
    func roundTrip() {
        let id = StreamID(podUID: "u-1", container: "main", attempt: 3)
        #expect(id.description == "u-1/main/3")
        #expect(StreamID("u-1/main/3") == id)
    }

    @Test(
        "anything else is no stream's name",
        arguments: ["", "u/main", "u/main/x", "u/main/-1", "u//0", "/main/0", "u/main/0/1"])
    func refuse(text: String) {
        #expect(StreamID(text) == nil)
    }

    @Test("a gap says what is missing, from when to when, and why")
    func gap() {
        let gap = GapRecord(
            certainty: .possible, from: LogTime(seconds: 1), to: LogTime(seconds: 2),
            reason: "the log file was rotated")
        #expect(
            gap.text == "--- podwire: lines may be missing between 1970-01-01T00:00:01.000000000Z"
                + " and 1970-01-01T00:00:02.000000000Z: the log file was rotated ---")
        let start = GapRecord(
            certainty: .certain, from: nil, to: LogTime(seconds: 2), reason: "the Pod is gone")
        #expect(start.text.hasPrefix("--- podwire: lines missing between the start and 1970"))
    }
}
