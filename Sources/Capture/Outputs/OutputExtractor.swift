import ByteBlocks
package import LogModel
package import Store

/// Finds output lines in the log of a main container.
///
/// | Pod has the annotation `podwire.dev/output-token: T` | an output line is |
/// | --- | --- |
/// | no | `JOB_OUT key=value` |
/// | yes | `JOB_OUT[T] key=value`, and nothing else |
///
/// The key is `[A-Za-z_][A-Za-z0-9_.-]{0,127}`. The value is the rest of the line, may be empty and
/// may contain `=`; one carriage return at its end is dropped; it is at most 1 MiB. Any other line
/// that begins like an output line is rejected with a reason. For all other lines the cost is one
/// comparison. A line that was stored in parts is put together first, within the limit, and belongs
/// to its last part. No line is put together across a gap: ``interrupt()``.
///
/// The token is taken to the letter, whatever is in it: `]`, spaces, nothing at all. One with a line
/// break is in no line, so the Pod has no outputs then.
package struct OutputExtractor: Sendable {
    /// The longest value: 1 MiB.
    package static let longestValue = 1 << 20
    private static let longestKey = 128

    private let prefix: [UInt8]
    /// The beginning of an output line whose end has not come; empty when its value is too long.
    private var open: [UInt8]?
    private var isInside: Bool

    /// An extractor for one stream.
    package init(token: String?) {
        isInside = false
        prefix = Array((token.map { "JOB_OUT[\($0)] " } ?? "JOB_OUT ").utf8)
    }

    /// Goes on inside a long line whose stored parts are not known: it is no output, whatever its
    /// next part begins with.
    package mutating func skipRestOfLine() {
        isInside = true
        open = nil
    }

    /// Takes in that lines are missing, or that the stream ends, behind what was scanned.
    ///
    /// - Returns: why the line that was open is no output; `nil` where none was, or it did not begin
    ///   like one.
    package mutating func interrupt() -> String? {
        let wasOutput = open != nil
        isInside = false
        open = nil
        return wasOutput ? "the end of the line is missing" : nil
    }

    /// Looks at the next batch of the stream and returns what it found in it.
    ///
    /// `isLast` says that the stream ends with this batch: then a last line without a newline is
    /// complete.
    package mutating func scan(_ batch: LineBatch, isLast: Bool = false) -> [FoundOutput] {
        var found: [FoundOutput] = []
        let text = batch.text.bytes
        let first = prefix[0]
        for index in 0..<batch.count {
            let start = batch.start(index)
            let isComplete = index < batch.count - 1 || batch.endsWithNewline || isLast
            if isInside {
                continueLine(batch.line(index), isComplete, index, &found)
            } else if start < text.count, text[start] == first {
                let line = batch.line(index)
                if line.starts(with: prefix) { beginLine(line, isComplete, index, &found) }
            }
            isInside = !isComplete
            if isComplete { open = nil }
        }
        return found
    }

    private mutating func beginLine(
        _ line: UnsafeRawBufferPointer, _ isComplete: Bool, _ index: Int,
        _ found: inout [FoundOutput]
    ) {
        let content = UnsafeRawBufferPointer(rebasing: line[prefix.count...])
        if isComplete {
            found.append(FoundOutput(line: index, result: Self.parse(content)))
        } else {
            open = Array(content)
        }
    }

    private mutating func continueLine(
        _ part: UnsafeRawBufferPointer, _ isComplete: Bool, _ index: Int,
        _ found: inout [FoundOutput]
    ) {
        guard var content = open else { return }
        open = nil
        if content.count + part.count > Self.longestKey + Self.longestValue + 2 {
            content = []
        } else if !content.isEmpty {
            content.append(contentsOf: part)
        }
        if !isComplete {
            open = content
        } else if content.isEmpty {
            found.append(FoundOutput(line: index, result: .rejected(reason: Self.tooLong)))
        } else {
            found.append(
                FoundOutput(line: index, result: content.withUnsafeBytes { Self.parse($0) }))
        }
    }

    private static let tooLong = "the value is longer than 1 MiB"

    /// Reads `key=value`.
    private static func parse(_ content: UnsafeRawBufferPointer) -> FoundOutput.Result {
        guard let equals = content.prefix(longestKey + 1).firstIndex(of: UInt8(ascii: "="))
        else {
            let hasEquals = content.contains(UInt8(ascii: "="))
            return .rejected(
                reason: hasEquals ? "the key is longer than 128 characters" : "there is no '='")
        }
        let key = content[..<equals]
        guard let first = key.first else { return .rejected(reason: "the key is empty") }
        guard isKeyStart(first), key.dropFirst().allSatisfy(isKeyByte) else {
            return .rejected(
                reason: "the key is not [A-Za-z_][A-Za-z0-9_.-]*")
        }
        var value = content[(equals + 1)...]
        if value.last == 0x0D { value.removeLast() }
        guard value.count <= longestValue else { return .rejected(reason: tooLong) }
        return .accepted(key: String(decoding: key, as: UTF8.self), value: Array(value))
    }

    private static func isKeyStart(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        isKeyStart(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
    }
}
