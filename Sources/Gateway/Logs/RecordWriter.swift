import ByteBlocks
import LogModel

/// Lines as JSON text frames, for sockets that carry many streams: the same bytes for every reader
/// of a stream.
///
/// | frame | meaning |
/// | --- | --- |
/// | `{"s":S,"from":N,"text":"…","times":["…"]}` | lines N and on: each with a newline, one time a line |
/// | `{"gap":{"s":S,"line":N,"certainty":…,"from":…,"to":…,"reason":…}}` | line N is a gap record; `from` is absent at the start of a stream |
///
/// `S` is the stream's name, `UID/CONTAINER/ATTEMPT`; times are RFC 3339 with nine digits. Bytes
/// that are not UTF-8 are replaced.
struct RecordWriter {
    private var bytes: [UInt8] = []

    /// The frames of `lines`, about ``FrameEncoding/frameBytes`` of text each.
    static func frames(of lines: NumberedBatch, stream: String) -> [ByteBlock] {
        let batch = lines.batch
        var frames: [ByteBlock] = []
        var first = 0
        while first < batch.count {
            var next = first + 1
            let limit = batch.start(first) + FrameEncoding.frameBytes
            while next < batch.count, Int(batch.ends[next]) <= limit { next += 1 }
            var writer = RecordWriter()
            writer.add(batch, first..<next, from: lines.first + Int64(first), stream)
            frames.append(ByteBlock(writer.bytes))
            first = next
        }
        return frames
    }

    /// The frame of a gap record.
    static func gap(_ gap: GapRecord, line: Int64, stream: String) -> ByteBlock {
        var writer = RecordWriter()
        writer.add("{\"gap\":{\"s\":")
        writer.add(quoted: stream)
        writer.add(",\"line\":\(line),\"certainty\":\"\(gap.certainty.rawValue)\"")
        if let from = gap.from { writer.add(",\"from\":\"\(from)\"") }
        writer.add(",\"to\":\"\(gap.to)\",\"reason\":")
        writer.add(quoted: gap.reason)
        writer.add("}}")
        return ByteBlock(writer.bytes)
    }

    private mutating func add(
        _ batch: LineBatch, _ lines: Range<Int>, from: Int64, _ stream: String
    ) {
        let size = Int(batch.ends[lines.upperBound - 1]) - batch.start(lines.lowerBound)
        bytes.reserveCapacity(size + size / 8 + lines.count * 36 + 96)
        add("{\"s\":")
        add(quoted: stream)
        add(",\"from\":\(from),\"text\":\"")
        for index in lines {
            let line = batch.line(index)
            if line.isText {
                add(escaped: line)
            } else {
                add(escaped: String(decoding: line, as: UTF8.self).utf8)
            }
            add("\\n")
        }
        add("\",\"times\":[")
        for index in lines {
            bytes.append(UInt8(ascii: index == lines.lowerBound ? "\"" : ","))
            if index > lines.lowerBound { bytes.append(UInt8(ascii: "\"")) }
            withUnsafeTemporaryAllocation(byteCount: RFC3339.writtenLength, alignment: 1) { time in
                RFC3339.write(LogTime(nanoseconds: batch.times[index]), to: time)
                bytes.append(contentsOf: time)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        add("]}")
    }

    private mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func add(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        add(escaped: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds UTF-8 as the inside of a JSON string: RFC 8259 section 7.
    private mutating func add(escaped text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                add(Self.controls[Int(byte)])
            default: bytes.append(byte)
            }
        }
    }

    /// What the control characters become.
    private static let controls: [String] = (0..<0x20).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "\t"): "\\t"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\n"): "\\n"
        default: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
