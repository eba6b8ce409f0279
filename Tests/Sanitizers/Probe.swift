import Dispatch
import Synchronization

/// Does on purpose what a sanitizer must report, and what it must not: `.ci/sanitize` builds it like
/// the tests and runs each ``Deed`` before them, so that neither a blind sanitizer nor one that
/// cries wolf goes unnoticed.
@main
enum Probe {
    private enum Deed: String {
        /// Nothing to report: threads that wait for a mutex, and read what it guards.
        case contendedMutex = "contended-mutex"
        /// The same threads with the same mutex, and a variable beside it that nothing guards.
        case dataRace = "data-race"
        /// Nothing to report: memory is given back once, after its last use.
        case tidyMemory = "tidy-memory"
        /// A read of memory that was given back.
        case useAfterFree = "use-after-free"
        /// Two objects that hold each other, and nobody else does.
        case leak
    }

    static func main() {
        guard let name = CommandLine.arguments.last, let deed = Deed(rawValue: name) else {
            preconditionFailure("the argument is the deed")
        }
        switch deed {
        case .contendedMutex: print(countGuarded())
        case .dataRace: print(countUnguarded())
        case .tidyMemory: print(useMemory(afterwards: false))
        case .useAfterFree: print(useMemory(afterwards: true))
        case .leak: holdEachOther()
        }
    }

    // MARK: - Threads

    private static let threads = 4
    private static let rounds = 20_000

    private static let guarded = Mutex(0)
    /// Guarded by nothing: that is the race.
    private nonisolated(unsafe) static var unguarded = 0

    private static func countGuarded() -> Int {
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            for _ in 0..<rounds { guarded.withLock { $0 += 1 } }
            for _ in 0..<rounds { _ = guarded.withLockIfAvailable { $0 += 1 } }
        }
        return guarded.withLock { $0 }
    }

    private static func countUnguarded() -> Int {
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            for _ in 0..<rounds {
                guarded.withLock { $0 += 1 }
                unguarded += 1
            }
        }
        return unguarded
    }

    // MARK: - Memory

    private static func useMemory(afterwards: Bool) -> Int {
        let memory = UnsafeMutablePointer<Int>.allocate(capacity: 8)
        memory.initialize(repeating: 1, count: 8)
        let first = memory[0]
        memory.deallocate()
        return afterwards ? memory[7] : first
    }

    private final class Holder {
        var held: Holder?
    }

    private static func holdEachOther() {
        let one = Holder()
        let other = Holder()
        one.held = other
        other.held = one
    }
}
