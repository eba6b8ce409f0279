/// Times and limits of one follower.
package struct FollowerSettings: Sendable, Equatable {
    /// How far before the last line a resume asks: 2 s. Lines of stdout and stderr are stamped by two
    /// threads; one that is older than this at its turn would be missed.
    package var slack: Duration = .seconds(2)
    /// How long one body is followed: 1 h, less up to a quarter by chance. The kubelet cuts every
    /// connection after 4 h.
    package var recycleAfter: Duration = .seconds(3600)
    /// The first wait after a failure: 0.5 s, doubling.
    package var firstBackoff: Duration = .milliseconds(500)
    /// The longest wait after a failure: 30 s.
    package var longestBackoff: Duration = .seconds(30)
    /// How long a body must have lasted to prove that following works again: 10 s. Then the wait
    /// starts again at ``firstBackoff``.
    package var provenAfter: Duration = .seconds(10)
    /// How many answers "nothing kept" say that an instance has no log any more: 4.
    package var nothingKeptAnswers = 4
    /// How many last reads in a row without any line, where lines are stored, say that the newest
    /// file is empty and will stay so: 3, about 2 s.
    package var silentReads = 3
    /// How long the end of a log is asked for in vain after its container has ended: 15 min. Then the
    /// stream ends with a gap record; a kubelet that never comes back would hold up its job's end
    /// for ever.
    package var giveUpAfter: Duration = .seconds(900)
    /// How long a Pod's status may be older than what its kubelet goes by: 1 s. A body without our
    /// last line waits that long before the status is asked whose it is. The kubelet reports a
    /// restart within some 10 ms; it waits too long only where the API server keeps it waiting.
    package var statusLag: Duration = .seconds(1)
    /// A log with at most this many stored bytes is read as a whole at its end: 1 MiB. That proves
    /// more, also across a step of the node's clock.
    package var wholeBytes: Int64 = 1 << 20
    /// How long a follow may be silent after its instance has ended: 0.2 s. Then it is cut and the
    /// rest read without following, quickly: a Pod that is being deleted takes its log with it.
    package var endGrace: Duration = .milliseconds(200)
    /// How long a log request may go unanswered after its instance has ended: 10 s. Then it is given
    /// up. While the instance runs there is no limit: the answer may come with the first byte.
    package var headGrace: Duration = .seconds(10)

    /// The defaults.
    package init() {}
}
