import Glibc

/// The right of one process to use a data directory, held as an exclusive `flock` on a file in it.
///
/// The kernel gives it back when the process ends, however it ends. The file stays.
@safe struct DirectoryLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock, or throws when another process, or another store in this one, has it.
    init(path: String, directory: String) throws(StoreError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                "open the store", .unwritable, path: path,
                unsafe String(cString: strerror(errno)),
                advice: "give the daemon's user write permission, or choose another directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            // Closing a descriptor that was only opened cannot lose data.
            _ = close(descriptor)
            throw reason == EWOULDBLOCK
                ? StoreError(
                    "open the store", .locked, path: directory, "another daemon has it open",
                    advice: "stop that one, or choose another data directory")
                : StoreError(
                    "open the store", .unwritable, path: path,
                    unsafe String(cString: strerror(reason)),
                    advice: "the file system must support flock")
        }
    }

    /// Gives the lock back.
    consuming func release() {}

    deinit {
        // Closing gives the lock back; the file is empty, so nothing can be lost.
        _ = close(descriptor)
    }
}
