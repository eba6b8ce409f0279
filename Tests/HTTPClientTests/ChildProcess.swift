import Glibc

/// A program that a test starts, found by `PATH`.
struct ChildProcess: Sendable {
    private let id: pid_t
    private let output: Int32

    /// Starts the program; what it says on standard error can be read, the rest is thrown away.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw TestFailure("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // The threads that run tests block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var id = pid_t()
        let result = posix_spawnp(&id, arguments[0], &actions, &attributes, &words, environ)
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        for word in words { free(word) }
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw TestFailure("\(arguments[0]) does not start: errno \(result)")
        }
        self.id = id
        output = ends[0]
    }

    /// Reads standard error until a text has come.
    ///
    /// - Returns: false when the program ended before.
    func waits(for text: String) -> Bool {
        var said: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(output, &bytes, bytes.count)
            guard count > 0 else { return false }
            said += bytes.prefix(count)
            if String(decoding: said, as: UTF8.self).contains(text) { return true }
        }
    }

    /// Sends the program a signal.
    func signal(_ number: Int32) {
        kill(id, number)
    }

    /// Kills the program if it still runs, and waits for its end.
    func stop() {
        kill(id, SIGKILL)
        _ = wait()
        close(output)
    }

    /// Waits until the program ends by itself.
    ///
    /// - Returns: whether it was successful.
    func finish() -> Bool {
        while waits(for: "\0") {}
        let status = wait()
        close(output)
        return status == 0
    }

    private func wait() -> Int32 {
        var status: Int32 = -1
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
