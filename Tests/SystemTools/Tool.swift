import Glibc

/// A program of the system, run to its end.
///
/// Started without Foundation, whose `Process` and empty files leak a little: the address sanitizer
/// takes no leak for granted.
package struct Tool {
    /// Its exit code; for a signal that ended it, the signal below zero.
    package let status: Int32
    /// What it wrote to standard output.
    package let output: [UInt8]
    /// What it wrote to standard error.
    package let complaint: String

    /// The output as text.
    package var text: String { String(decoding: output, as: UTF8.self) }

    /// It could not be run.
    package struct Failure: Error {
        let operation: String
        let code: Int32
    }

    /// Runs it without input; it must bound its own time. A signal that ends it is a status too.
    package static func run(_ path: String, _ arguments: [String]) throws -> Tool {
        let output = try temporaryFile()
        defer { close(output) }
        let complaint = try temporaryFile()
        defer { close(complaint) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, complaint, 2)
        let words = Self.words([path] + arguments)
        let environment = Self.words(["PATH=/usr/bin:/bin", "HOME=/nonexistent"])
        defer { for word in words + environment { free(word) } }
        var child = pid_t()
        let code = posix_spawn(&child, path, &actions, nil, words, environment)
        guard code == 0 else { throw Failure(operation: "posix_spawn \(path)", code: code) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(operation: "waitpid", code: errno) }
        }
        let signal = status & 0x7F
        return Tool(
            status: signal == 0 ? status >> 8 & 0xFF : -signal, output: try contents(output),
            complaint: String(decoding: try contents(complaint), as: UTF8.self))
    }

    /// Runs curl, for a minute at most: a bound for what hangs, far above what a busy machine needs.
    package static func curl(_ arguments: String...) throws -> Tool {
        try run("/usr/bin/curl", ["--silent", "--show-error", "--max-time", "60"] + arguments)
    }

    /// Runs a Python script.
    package static func python(_ script: String, _ arguments: String...) throws -> Tool {
        try run("/usr/bin/python3", ["-c", script] + arguments)
    }

    /// What C takes for a list of texts; each is to be freed.
    private static func words(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    /// A file without a name.
    private static func temporaryFile() throws -> Int32 {
        var name = Array("/tmp/podwire-tool-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Failure(operation: "mkstemp", code: errno) }
        unlink(name)
        return descriptor
    }

    private static func contents(_ descriptor: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count >= 0 else { throw Failure(operation: "pread", code: errno) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
        }
    }
}
