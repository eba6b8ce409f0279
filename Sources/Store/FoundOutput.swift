/// A `JOB_OUT` line that was found in a batch.
///
/// The store writes the output and its event, or the refusal, in the transaction of the line.
package struct FoundOutput: Sendable {
    /// What the line says.
    package enum Result: Sendable {
        /// A value for a key.
        case accepted(key: String, value: [UInt8])
        /// It looks like an output, but is none.
        case rejected(reason: String)
    }

    /// The index of the line in the batch.
    package let line: Int
    /// What it says.
    package let result: Result

    /// Names a line of a batch.
    package init(line: Int, result: Result) {
        self.line = line
        self.result = result
    }
}
