import Glibc

/// Calls the system until no signal breaks in. A socket with a time limit returns `EINTR` also where
/// the process was merely stopped for a while and goes on, as a machine that is held up does to it.
package func uninterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
