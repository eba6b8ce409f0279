import Glibc

/// How long the calling thread has run: unlike the time of day it does not count what others took
/// from it, so a bound in it means the same on a busy machine.
enum ThreadTime {
    /// Seconds of the processor since the thread began.
    static var seconds: Double {
        var time = timespec()
        // Fails only for a clock that does not exist.
        _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
