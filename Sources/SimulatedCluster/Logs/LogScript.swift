/// A `JOB_OUT` line that a simulated container prints.
package struct ScriptedOutput: Sendable, Equatable {
    /// The output's key.
    package var key: String
    /// The output's value: the rest of the line.
    package var value: String

    /// Makes an output.
    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// What one instance of a container writes, and when: all that is needed to know each byte of its
/// log and each timestamp beforehand.
package struct LogScript: Sendable, Equatable {
    /// What the lines look like.
    package enum Style: String, Sendable, CaseIterable {
        /// `line 0000000042 …` and words, all lines equally long.
        case plain
        /// What a data pipeline would print: levels, messages, figures; lines of any length.
        case pipeline
        /// As plain, but all lines of a burst are the same bytes.
        case repeated
        /// Whatever is hard to carry: empty lines, `\r`, colours, bytes that are not UTF-8,
        /// outputs, lines over 16 KiB and over 1 MiB.
        case mixed
    }

    /// What lets the log grow.
    package enum Pace: String, Sendable, CaseIterable {
        /// Lines are written when their time comes.
        case clock
        /// All lines are there at once, stamped one step apart, and the container ends when someone
        /// has read the last one: a firehose as fast as its reader.
        case reader
    }

    /// Lines of text, outputs not counted; nil goes on until the container is stopped.
    package var lines: Int? = 50
    /// Printed after the lines, one a line, at the same rate.
    package var outputs: [ScriptedOutput] = []
    /// Lines that are printed behind the outputs as they are, without their newlines.
    package var printed: [[UInt8]] = []
    /// Outputs are printed as `JOB_OUT[token]` where there is one.
    package var outputToken: String?
    /// Lines a second, on average; 0 writes a line each microsecond.
    package var rate: Double = 10
    /// Lines that are written together, a microsecond apart, before the next pause.
    package var burst = 1
    /// Bytes of a plain line, its newline included.
    package var bytes = 80
    /// What the lines look like.
    package var style = Style.plain
    /// What lets the log grow.
    package var pace = Pace.clock
    /// How long after the container's start the first line is written.
    package var phase = Duration.zero
    /// The size at which the log file is rotated; nil never rotates.
    package var fileBytes: Int?
    /// How often the size is looked at: every 10 s, as kubelets do by default.
    package var rotateInterval = Duration.seconds(10)
    /// By how much some lines are stamped too early.
    package var disorder = Duration.zero
    /// Whether all lines of a burst are written at the same nanosecond.
    package var hasSameTime = false
    /// Whether the last line has its newline.
    package var endsWithNewline = true

    /// Makes the default script: 50 lines in 5 seconds.
    package init() {}

    /// All lines together; nil when the log goes on until the container is stopped.
    package var total: Int? { lines.map { $0 + outputs.count + printed.count } }
}
