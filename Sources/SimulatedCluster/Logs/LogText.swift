import ByteBlocks

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The text of one container instance's log: line `n` is a pure function of (seed, container,
/// attempt) and the script, so that every byte of a log is known beforehand and none is stored.
///
/// A plain line's words are cut from ``LogWords/ring``.
///
/// | style | lines 0 to `lines` − 1 |
/// | --- | --- |
/// | plain | `line ` and 10 digits of `n`, a space, words; `bytes` long |
/// | repeated | the same, with the number of the burst: all lines of a burst are alike |
/// | pipeline | ``PipelineText`` |
/// | mixed | ``MixedLine`` |
///
/// Behind them comes `JOB_OUT key=value` for each output, in order, then the printed lines.
package struct LogText: Sendable {
    /// The shortest plain line: its number and the newline.
    package static let smallestLine = 17
    /// The longest plain line: 64 MiB, well over what any store takes as one line.
    package static let largestLine = 64 << 20

    /// The number of lines, outputs included; nil when there is no end.
    package let total: Int?
    /// What a line takes, its newline included: exact for plain lines, about that for others.
    package let nominalLength: Int

    /// What the instance's text, and all else that is drawn for it, follows from.
    let seed: UInt64
    private let style: LogScript.Style
    private let bytes: Int
    private let burst: Int
    private let ring = LogWords.ring
    private let textLines: Int
    private let marker: String
    private let outputs: [[UInt8]]
    private let endsWithNewline: Bool

    /// The text of one instance.
    package init(seed: UInt64, container: String, attempt: Int, script: LogScript) {
        precondition(script.bytes >= Self.smallestLine, "a line has room for its number")
        self.seed = SeededRandom.seed(seed, "\(container)/\(attempt)")
        style = script.style
        bytes = script.bytes
        burst = script.burst
        nominalLength = script.bytes + (style == .mixed ? MixedLine.surplus : 0)
        total = script.total
        textLines = script.lines ?? .max
        let marker = script.outputToken.map { "JOB_OUT[\($0)] " } ?? "JOB_OUT "
        self.marker = marker
        outputs =
            script.outputs.map { Array((marker + $0.key + "=" + $0.value).utf8) } + script.printed
        endsWithNewline = script.endsWithNewline
    }

    /// The bytes of line `n`, without its newline.
    package func line(_ n: Int) -> [UInt8] {
        let count = length(of: n)
        return Array(unsafeUninitializedCapacity: count + 1) { target, written in
            if let base = target.baseAddress { _ = write(n, to: UnsafeMutableRawPointer(base)) }
            written = count
        }
    }

    /// How many bytes line `n` has, without its newline.
    package func length(of n: Int) -> Int {
        if n >= textLines { return outputs[n - textLines].count }
        return switch style {
        case .plain, .repeated: bytes - 1
        case .mixed: mixed(n).count
        case .pipeline: PipelineText.line(n, seed: seed).utf8.count
        }
    }

    /// Lines whose bytes are counted in one go: bounds the time that takes.
    static let countedAtOnce = 5_000

    /// How many bytes these lines have, their newlines included.
    package func bytes(of lines: Range<Int>) -> Int {
        let plain = hasEqualLines ? lines.clamped(to: 0..<textLines) : 0..<0
        let others = plain.isEmpty ? lines : plain.upperBound..<lines.upperBound
        return others.reduce(plain.count * bytes) { sum, n in
            sum + length(of: n) + (hasNewline(n) ? 1 : 0)
        } - (plain.isEmpty || hasNewline(plain.upperBound - 1) ? 0 : 1)
    }

    /// Whether line `n` ends with a newline: all do, but perhaps the last.
    package func hasNewline(_ n: Int) -> Bool {
        endsWithNewline || total.map { n + 1 < $0 } ?? true
    }

    /// Whether no line is longer than one record of the container runtime.
    package var fitsRecords: Bool {
        style != .mixed && bytes <= LogCursor.recordBytes
            && outputs.allSatisfy { $0.count <= LogCursor.recordBytes }
    }

    /// Writes line `n`, without its newline, and returns its length: ``length(of:)``.
    @inline(__always)
    func write(_ n: Int, to target: UnsafeMutableRawPointer) -> Int {
        if n < textLines {
            switch style {
            case .plain: return writePlain(n, bytes - 1, to: target)
            case .repeated: return writePlain(n / burst, bytes - 1, to: target)
            case .mixed:
                switch mixed(n).content {
                case .numbered(let count): return writePlain(n, count, to: target)
                case .bytes(let bytes): return Self.copy(bytes, to: target)
                }
            case .pipeline:
                return Self.copy(Array(PipelineText.line(n, seed: seed).utf8), to: target)
            }
        }
        return Self.copy(outputs[n - textLines], to: target)
    }

    /// Whether all lines but the outputs have the same length.
    private var hasEqualLines: Bool { style == .plain || style == .repeated }

    private func mixed(_ n: Int) -> MixedLine {
        MixedLine(n, seed: seed, bytes: bytes, marker: marker)
    }

    private static func copy(_ bytes: [UInt8], to target: UnsafeMutableRawPointer) -> Int {
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { memcpy(target, base, source.count) }
        }
        return bytes.count
    }

    /// Writes a numbered line of `count` bytes.
    @inline(__always)
    private func writePlain(_ n: Int, _ count: Int, to target: UnsafeMutableRawPointer) -> Int {
        memcpy(target, "line ", 5)
        DecimalDigits.write(UInt64(n), width: 10, to: target + 5)
        guard count > 15 else { return count }
        (target + 15).storeBytes(of: UInt8(ascii: " "), as: UInt8.self)
        let hash = SeededRandom.mix(seed &+ UInt64(n) &* 0x9E37_79B9_7F4A_7C15)
        let start = Int(truncatingIfNeeded: hash & LogWords.mask)
        LogWords.copy(ring, from: start, count - 16, to: target + 16)
        return count
    }
}
