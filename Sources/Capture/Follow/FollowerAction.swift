package import LogModel

/// What a ``FollowerMachine`` wants done. One at a time; its outcome is the next event.
package enum FollowerAction: Sendable, Equatable {
    /// Send a log request. Answer: `answered`, `requestFailed` or `heldBack`.
    case open(LogPlan)
    /// Ask the API server for the Pod. Answer: `status`, or `requestFailed`.
    case askStatus
    /// Read the body to its end. Answer: `bodyEnded` or `bodyBroken`; before it `changed`, and
    /// `timer` at `until`.
    case read(until: ContinuousClock.Instant)
    /// Append a gap record, then what the broken body has brought, and read on as with `read`.
    case acceptBreak(until: ContinuousClock.Instant)
    /// Stop the body early. Answer: `bodyEnded`.
    case cutBody
    /// Wait for a change of the instance, and no longer than until `deadline`; a broken body stays
    /// where it is. Answer: `changed` or `timer`.
    case wait(until: ContinuousClock.Instant?)
    /// Append the line that stands held back behind the last stored one, then a gap if there is one,
    /// then mark the stream as ended. Nothing follows.
    case finish(InstanceState.End, gap: Loss?, withHeldBack: Bool)

    /// Lines that are or may be missing at the end.
    package struct Loss: Sendable, Equatable {
        package var certainty: GapRecord.Certainty
        package var reason: String
    }
}

/// Which log request a follower sends.
package struct LogPlan: Sendable, Equatable {
    /// Whether the answer goes on as the container writes.
    package var follow: Bool
    /// Whether the instance before the current one is meant.
    package var previous: Bool

    /// Follows the current instance.
    package static let following = LogPlan(follow: true, previous: false)
}

/// What has happened to a follower.
package enum FollowerEvent: Sendable, Equatable {
    /// The watch says how the instance stands.
    case changed(InstanceState)
    /// The API server, asked, says how the instance stands.
    case status(InstanceState)
    /// The API server, asked, has another Pod of that name: ours is gone, and what is asked for by
    /// its name is the other one's.
    case nameTaken
    /// The head of a log response has come.
    case answered(LogAnswer)
    /// There is no response: no connection, a timeout. `retryAfter` if the server named a time.
    case requestFailed(String, retryAfter: Duration?)
    /// Nothing was asked for: the store cannot take lines.
    case heldBack
    /// The body does not contain the last stored line. Nothing of it was appended; it waits.
    case bodyBroken
    /// A body is over.
    case bodyEnded(BodyEnd)
    /// The node, which has failed this or another follower, answers again.
    case nodeAnswered
    /// The deadline of a wait or of a read has passed.
    case timer
}

/// How a body ended and what it brought.
package struct BodyEnd: Sendable, Equatable {
    /// How the transfer ended.
    package enum Kind: Sendable, Equatable {
        /// The server ended it. It does not mean that the container has ended.
        case clean
        /// The connection broke, the transfer timed out, or we cut it.
        case cut
        /// We cut it because the store could not keep up.
        case heldBack
    }

    package var kind: Kind
    /// Lines that were new.
    package var fresh: Int = 0
    /// Whether the body reached the last stored line, so that its end can be compared with ours.
    package var isProven = true
    /// Whether there was no line at all in it, though lines are stored: the newest file is empty.
    package var isSilent = false
    /// A fingerprint of the unterminated last line; 0 for none.
    package var heldBack = 0
    /// Text of the kubelet that was no line.
    package var text: KubeletText?
}
