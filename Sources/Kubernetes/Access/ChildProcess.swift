import Foundation
import Glibc

/// A program that is run to its end, with bounds on its time and its output.
struct ChildProcess: Sendable {
    /// What a program left behind.
    struct Result: Sendable, Equatable {
        /// Its exit code; 128 and the signal's number for one that a signal ended.
        var exitCode: Int32
        var output: [UInt8]
        var errors: [UInt8]
    }

    /// Why a program was not run to its end.
    enum Failure: Error, Equatable {
        /// There is no such program.
        case notFound
        /// The system refused, with its error number.
        case system(operation: String, code: Int32)
        /// It ran for too long, and was killed.
        case timeout
        /// It wrote more than ``outputLimit``, and was killed.
        case tooMuchOutput
    }

    /// Bytes of standard output and of standard error: 1 MiB each.
    static let outputLimit = 1 << 20

    /// A name to look up in `PATH`, or a path.
    var command: String
    var arguments: [String]
    var environment: [String: String]
    var timeout: Duration

    /// Runs the program on a thread of its own, so that nothing else waits.
    ///
    /// The thread ends with the program, at the latest when its time is over.
    func run() async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                continuation.resume(with: Swift.Result { try self.runBlocking() })
            }
            thread.name = "child-process"
            thread.start()
        }
    }

    private func runBlocking() throws(Failure) -> Result {
        let output = try Pipe()
        let errors = try Pipe()
        let pid = try spawn(output: output, errors: errors)
        output.closeWriter()
        errors.closeWriter()
        var child = RunningChild(pid: pid, deadline: ContinuousClock.now + timeout)
        return try child.finish(output: output, errors: errors)
    }

    /// Starts the program in a process group of its own, with signals as a shell would give them.
    /// Descriptors of this process are closed by their own close-on-exec flags.
    private func spawn(output: Pipe, errors: Pipe) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writer, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writer, STDERR_FILENO)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let code = Self.withStrings([command] + arguments) { argv in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawnp(&pid, command, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else {
            throw code == ENOENT ? .notFound : .system(operation: "start", code: code)
        }
        return pid
    }

    /// Lends C a null-terminated array of C strings.
    private static func withStrings<Value>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}

/// Two ends of a pipe, closed when let go of.
private final class Pipe {
    let reader: Int32
    private(set) var writer: Int32

    init() throws(ChildProcess.Failure) {
        var ends: [Int32] = [-1, -1]
        // Two calls where pipe2 would be one, but that is not visible to Swift: a program started in
        // between inherits the pipe, and its end is then seen by waiting for it, not by the pipe.
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw .system(operation: "open a pipe", code: errno)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        closeWriter()
        _ = close(reader)  // Nothing was written to it.
    }

    func closeWriter() {
        if writer >= 0 { _ = close(writer) }  // Nothing was written to it here.
        writer = -1
    }
}

/// A program that was started and not yet waited for.
private struct RunningChild {
    let pid: pid_t
    let deadline: ContinuousClock.Instant
    private var exitCode: Int32?

    init(pid: pid_t, deadline: ContinuousClock.Instant) {
        self.pid = pid
        self.deadline = deadline
    }

    /// Reads both pipes until the program has ended, or is over a bound and killed.
    mutating func finish(
        output: Pipe, errors: Pipe
    ) throws(ChildProcess.Failure) -> ChildProcess.Result {
        var texts: [[UInt8]] = [[], []]
        var polls = [output, errors].map {
            pollfd(fd: $0.reader, events: Int16(POLLIN), revents: 0)
        }
        while true {
            // A program may leave the pipe to a child of its own, or close it and go on: so ask for
            // its end each time, at least ten times a second.
            let hadEnded = reap()
            let ready = poll(&polls, nfds_t(polls.count), hadEnded ? 0 : 100)
            if ready < 0, errno != EINTR { throw kill(.system(operation: "wait", code: errno)) }
            for index in polls.indices where ready > 0 && polls[index].revents != 0 {
                if !read(polls[index].fd, into: &texts[index]) { polls[index].fd = -1 }
                if texts[index].count > ChildProcess.outputLimit { throw kill(.tooMuchOutput) }
            }
            if hadEnded, ready <= 0 || polls.allSatisfy({ $0.fd < 0 }), let exitCode {
                return ChildProcess.Result(
                    exitCode: exitCode, output: texts[0], errors: texts[1])
            }
            if ContinuousClock.now >= deadline { throw kill(.timeout) }
        }
    }

    /// Adds what there is to read; `false` at the end.
    private func read(_ file: Int32, into text: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(file, &chunk, chunk.count)
        if count > 0 { text += chunk[..<count] }
        return count > 0 || (count < 0 && errno == EINTR)
    }

    /// Whether the program has ended; waits for nothing.
    private mutating func reap() -> Bool {
        if exitCode != nil { return true }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return false }
        // The layout of <bits/waitstatus.h>: the signal in 7 bits, the exit code above.
        let signal = status & 0x7f
        exitCode = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        return true
    }

    /// Ends the program and all that it started, and returns why.
    private mutating func kill(_ failure: ChildProcess.Failure) -> ChildProcess.Failure {
        // The group may be gone already, which is what is wanted.
        _ = Glibc.kill(-pid, SIGKILL)
        if exitCode == nil {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        return failure
    }
}
