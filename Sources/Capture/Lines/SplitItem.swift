package import LogModel

/// What a ``LineSplitter`` found, in the order of the body.
package enum SplitItem: Sendable {
    /// Lines with their timestamps.
    case lines(LineBatch)
    /// Text that began a line without a timestamp.
    case untimed(UntimedText)
}

/// Text at the start of a line where a timestamp should be: the rest of a long line whose first
/// fragment was filtered away, or an error text of the kubelet. Which of them, the follower judges.
package struct UntimedText: Sendable, Equatable {
    /// The bytes, without the newline; a piece when it is longer than ``LineLimits/partBytes``.
    package let bytes: [UInt8]
    /// Whether a newline followed.
    package let isTerminated: Bool
    /// Whether nothing came before it in this body, earlier pieces of it aside.
    package let isFirst: Bool

    /// The text for a person: bytes that are not UTF-8 replaced, at most 300 of them.
    package var text: String { String(decoding: bytes.prefix(300), as: UTF8.self) }
}

/// What was left in a ``LineSplitter`` when the body ended: a last line without a newline.
package struct BodyRemainder: Sendable {
    /// The line, in several batches only when it is longer than one part; empty when there is none.
    /// Whether it is final only the end of the container can tell.
    package var heldBack: [LineBatch] = []
    /// Text without a timestamp and without a newline: as the kubelet writes its errors.
    package var untimed: UntimedText?
}
