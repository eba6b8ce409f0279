import LogModel

/// One line in a test: its time in nanoseconds, its bytes, and whether a newline follows.
struct LineSample: Hashable, CustomStringConvertible {
    var time: Int64
    var bytes: [UInt8]
    var isTerminated = true

    init(_ time: Int64, _ text: String, isTerminated: Bool = true) {
        self.init(time, Array(text.utf8), isTerminated: isTerminated)
    }

    init(_ time: Int64, _ bytes: [UInt8], isTerminated: Bool = true) {
        self.time = time
        self.bytes = bytes
        self.isTerminated = isTerminated
    }

    var description: String {
        "\(time) \(String(decoding: bytes.prefix(20), as: UTF8.self)) (\(bytes.count))"
            + (isTerminated ? "" : " open")
    }

    /// The line as the kubelet sends it.
    var stamped: [UInt8] {
        Array(LogTime(nanoseconds: time).description.utf8) + [0x20] + bytes
            + (isTerminated ? [0x0A] : [])
    }
}

extension LineBatch {
    /// The lines, one by one.
    var samples: [LineSample] {
        (0..<count).map { index in
            let line = line(index)
            let isTerminated = Int(ends[index]) - start(index) > line.count
            return LineSample(times[index], Array(line), isTerminated: isTerminated)
        }
    }

    /// A batch of `samples`, of which only the last may be without a newline.
    static func of(_ samples: [LineSample]) -> LineBatch? {
        var builder = LineBatchBuilder()
        for sample in samples {
            sample.bytes.withUnsafeBytes {
                builder.add($0, time: sample.time, newline: sample.isTerminated)
            }
        }
        return builder.take()
    }
}
