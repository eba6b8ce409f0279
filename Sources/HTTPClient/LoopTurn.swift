/// Notes that callbacks make during one turn of the curl thread's loop, worked off at its end.
///
/// Used on the curl thread alone. Callbacks may not call back into libcurl or wake anybody; here
/// they say what has to be done when libcurl has returned.
final class LoopTurn {
    /// The time at which this turn began: callbacks read no clock.
    var now = ContinuousClock.now
    /// Grows with everything that libcurl gets done; an event that leaves it unchanged achieved
    /// nothing.
    var progress = 0
    /// Transfers held back by their readers now.
    var heldTransfers = 0
    /// Transfers with bytes for a consumer that waits.
    var awaited: [CurlTransfer] = []
    /// Transfers whose next deadline may have changed.
    var rescheduled: [CurlTransfer] = []
}
