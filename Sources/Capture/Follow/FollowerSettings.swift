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
    /// How often a request that is answered with "nothing kept" or "bad request" is sent: 4 times.
    package var refusals = 4
    /// How many last reads may end without proof before the log is given up: 6.
    package var drains = 6
    /// A log with at most this many stored bytes is read as a whole at its end: 1 MiB. That proves
    /// more, also across a step of the node's clock.
    package var wholeBytes: Int64 = 1 << 20
    /// How long a follow may be silent after its instance has ended: 0.2 s. Then it is cut and the
    /// rest read without following, quickly: a Pod that is being deleted takes its log with it.
    package var endGrace: Duration = .milliseconds(200)
    /// What is done about stamps inside long lines while the kubelet's version is not known.
    package var stamps = FragmentStamps.plausible

    /// The defaults.
    package init() {}
}
