/// A kind of fault, under the name that has it on the command line and in the count of faults.
package enum FaultKind: String, Sendable, CaseIterable {
    case cut
    case cutRotate = "cut-rotate"
    case end
    case endRotate = "end-rotate"
    case stall
    case slow
    case text
    case removed
    case nodeGone = "node-gone"
    case status204 = "status-204"
    case status400 = "status-400"
    case status404 = "status-404"
    case status429 = "status-429"
    case status500 = "status-500"
    case watchEnd = "watch-end"
    case watchCut = "watch-cut"
    case watch410 = "watch-410"

    /// Whether it happens to watches; all others happen to requests for logs.
    package var isOfWatches: Bool {
        [.watchEnd, .watchCut, .watch410].contains(self)
    }
}
