import ByteBlocks
import LogModel
import Store

@testable import Capture
@testable import Gateway

// The bodies of log responses, and what is made of their lines.
extension FuzzTarget {
    /// A log body with timestamps.
    static let logLines = FuzzTarget(
        name: "log-lines",
        promise: "the lines do not depend on how the body arrives, and lose no byte"
    ) { bytes in
        checkSplitting(bytes)
        checkTime(bytes)
    }

    /// The same for long lines, cut 256 times as early as usual: a MiB for each input would leave
    /// time for one input a second. The byte 0xFE stands for a run of the byte behind it, a quarter
    /// of a record for each unit of the one after, so that short inputs reach every cut.
    static let longLines = FuzzTarget(
        name: "long-lines",
        promise: "the lines do not depend on how the body arrives, and lose no byte or stamp"
    ) { bytes in
        let cuts = LineCuts(
            partBytes: LineCuts.usual.partBytes >> 8, recordBytes: LineCuts.usual.recordBytes >> 8)
        let body = unpacked(bytes, unit: cuts.recordBytes / 4)
        checkSplitting(body, cuts)
        checkInjectedStamps(body, cuts)
    }

    /// Lines of a container: the outputs in them, and how they are sent to readers.
    static let outputs = FuzzTarget(
        name: "outputs",
        promise: "outputs do not depend on batches; every form of a line has the line in it"
    ) { bytes in
        guard let first = bytes.first else { return }
        let token = first < 0x80 ? nil : "T"
        let lines = bytes.dropFirst().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let whole = batches(lines, of: lines.count)
        let outputs = found(whole, token)
        claim(found(batches(lines, of: 1), token) == outputs, "other outputs: \(outputs)")
        claim(found(batches(lines, of: 3), token) == outputs, "other outputs: \(outputs)")
        for case .accepted(let key, let value) in outputs.values {
            claim((1...128).contains(key.utf8.count), "a key of another length: \(key)")
            claim(value.count <= OutputExtractor.longestValue, "a long value")
        }
        let text = String(decoding: Array(bytes.dropFirst()) + [0x0A], as: UTF8.self)
        for batch in whole {
            let frames = FrameEncoding(form: .text, timestamps: false).blocks(
                of: NumberedBatch(first: 0, batch: batch), gap: nil, stream: "s")
            let sent = frames.reduce(into: []) { $0 += $1.copy }
            claim(String(validating: sent, as: UTF8.self) == text, "another text")
            claim(frames.allSatisfy { $0.bytes.last == 0x0A }, "a frame ends inside a line")
            checkEvents(batch)
        }
    }
}

/// What a splitter found, in comparable form: pieces of one untimed text are joined, which alone
/// depend on how a body arrives.
private struct SplitBody: Equatable {
    struct Line: Equatable {
        let time: Int64
        let bytes: [UInt8]
    }
    var lines: [Line] = []
    var untimed: [UntimedText] = []
    var heldBack: [Line] = []

    mutating func add(_ piece: UntimedText) {
        var text = piece
        if let last = untimed.last, !last.isTerminated {
            untimed.removeLast()
            text = UntimedText(
                bytes: last.bytes + piece.bytes, isTerminated: piece.isTerminated,
                isFirst: last.isFirst)
        }
        untimed.append(text)
    }

    var text: String { "\(lines.count) lines, \(untimed.count) untimed, \(heldBack.count) held" }
}

private func checkSplitting(_ body: [UInt8], _ cuts: LineCuts = .usual) {
    for stamps in [FragmentStamps.none, .everywhere, .plausible] {
        let whole = split([body], stamps, cuts)
        let cut = split(Array(Pieces(body)), stamps, cuts)
        claim(cut == whole, "\(stamps): whole \(whole.text), cut \(cut.text)")
        let longest = whole.lines.map(\.bytes.count).max() ?? 0
        claim(longest <= cuts.partBytes + 1, "\(stamps): a part of \(longest) bytes")
        if stamps == .none { check(whole, of: body) }
    }
}

/// Writes the lines of `body` as an old kubelet does, a stamp before each record of a line, and
/// reads them back: the same bytes, in parts of the right size, without a stamp among them.
private func checkInjectedStamps(_ body: [UInt8], _ cuts: LineCuts) {
    let stamp = LogTime(seconds: 1_795_458_620)
    var sent: [UInt8] = []
    var expected: [SplitBody.Line] = []
    for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
        var rest = line
        repeat {
            sent += Array("\(stamp) ".utf8) + rest.prefix(cuts.recordBytes)
            rest = rest.dropFirst(cuts.recordBytes)
        } while !rest.isEmpty
        sent.append(0x0A)
        rest = line
        repeat {
            let part = rest.prefix(cuts.partBytes)
            rest = rest.dropFirst(cuts.partBytes)
            let bytes = Array(part) + (rest.isEmpty ? [0x0A] : [])
            expected.append(SplitBody.Line(time: stamp.nanoseconds, bytes: bytes))
        } while !rest.isEmpty
    }
    for stamps in [FragmentStamps.everywhere, .plausible] {
        let found = split(Array(Pieces(sent)), stamps, cuts)
        claim(found.lines == expected, "\(stamps): other lines than were stamped")
        claim(found.untimed.isEmpty && found.heldBack.isEmpty, "\(stamps): \(found.text)")
    }
}

private func split(
    _ pieces: [[UInt8]], _ stamps: FragmentStamps, _ cuts: LineCuts
) -> SplitBody {
    var splitter = LineSplitter(stamps: stamps, cuts: cuts)
    var body = SplitBody()
    for piece in pieces {
        for item in splitter.split(piece) {
            switch item {
            case .lines(let batch): body.lines += lines(of: batch)
            case .untimed(let text): body.add(text)
            }
        }
    }
    let rest = splitter.finish()
    body.heldBack = rest.heldBack.flatMap(lines)
    if let untimed = rest.untimed { body.add(untimed) }
    return body
}

private func lines(of batch: LineBatch) -> [SplitBody.Line] {
    (0..<batch.count).map { index in
        let bytes = batch.text.bytes[batch.start(index)..<Int(batch.ends[index])]
        return SplitBody.Line(time: batch.times[index], bytes: Array(bytes))
    }
}

/// Compares with the plainest way to read a body without stamps inside lines.
private func check(_ split: SplitBody, of body: [UInt8]) {
    var text: [UInt8] = []
    var times: [Int64] = []
    var untimed: [UInt8] = []
    for line in body.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
        let parsed = line.withUnsafeBytes { RFC3339.parse($0) }
        if let (time, end) = parsed, end < line.count, line[line.startIndex + end] == 0x20 {
            text += line.dropFirst(end + 1) + [0x0A]
            times.append(time.nanoseconds)
        } else {
            untimed += line
        }
    }
    // An unfinished line may have given parts, or untimed text, already.
    let found = split.lines.flatMap(\.bytes)
    claim(found.starts(with: text), "another text")
    if split.lines.count == times.count { claim(split.lines.map(\.time) == times, "other times") }
    claim(split.untimed.flatMap(\.bytes).starts(with: untimed), "another untimed text")
}

/// What is a time is written as the same time.
private func checkTime(_ bytes: [UInt8]) {
    guard let (time, end) = bytes.withUnsafeBytes({ RFC3339.parse($0) }) else { return }
    claim(end <= bytes.count && (20...35).contains(end), "\(end) bytes of a time")
    claim(RFC3339.parse(time.description) == time, "another time: \(time)")
}

private func unpacked(_ bytes: [UInt8], unit: Int) -> [UInt8] {
    var body: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
        guard byte == 0xFE, let filler = rest.popFirst(), let count = rest.popFirst(),
            body.count < 768 * unit
        else {
            body.append(byte)
            continue
        }
        body += [UInt8](repeating: filler, count: Int(count) * unit)
    }
    return body
}

/// `lines` in batches of `size`, each line with its newline.
private func batches(_ lines: [ArraySlice<UInt8>], of size: Int) -> [LineBatch] {
    stride(from: 0, to: lines.count, by: size).compactMap { start in
        var builder = LineBatchBuilder()
        for index in start..<min(start + size, lines.count) {
            lines[index].withUnsafeBytes { builder.add($0, time: Int64(index)) }
        }
        return builder.take()
    }
}

private struct FoundOutputs: Equatable {
    var lines: [Int] = []
    var texts: [String] = []
    var values: [FoundOutput.Result] = []

    static func == (a: FoundOutputs, b: FoundOutputs) -> Bool {
        a.lines == b.lines && a.texts == b.texts
    }
}

private func found(_ batches: [LineBatch], _ token: String?) -> FoundOutputs {
    var extractor = OutputExtractor(token: token)
    var outputs = FoundOutputs()
    var first = 0
    for batch in batches {
        for output in extractor.scan(batch) {
            outputs.lines.append(first + output.line)
            outputs.texts.append("\(output.result)")
            outputs.values.append(output.result)
        }
        first += batch.count
    }
    claim(extractor.interrupt() == nil, "a line is open behind whole lines")
    return outputs
}

/// Server-sent events: one for each line, and no field but those that are written.
private func checkEvents(_ batch: LineBatch) {
    var rendering = LogRendering(.events)
    let lines = NumberedBatch(first: 0, batch: batch)
    let blocks = rendering.render(
        LogPiece(lines: lines, range: 0..<Int64(batch.count), gap: nil, frame: nil))
    let sent = blocks.reduce(into: [UInt8]()) { $0 += $1.copy }
    claim(!sent.contains(0x0D), "a carriage return in an event stream")
    var ids = 0
    for field in sent.split(separator: 0x0A) {
        if field.starts(with: "id: \(ids)".utf8) { ids += 1 }
        claim(
            field.starts(with: "id: ".utf8) || field.starts(with: "data: ".utf8),
            "another field: \(String(decoding: field, as: UTF8.self))")
    }
    claim(ids == batch.count, "\(ids) events for \(batch.count) lines")
}
