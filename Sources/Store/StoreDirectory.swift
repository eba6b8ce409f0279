import Glibc

/// The data directory: where the files are, and what is checked before SQLite opens one.
///
/// | file | what |
/// | --- | --- |
/// | `podwire.db` | the database |
/// | `podwire.db-wal`, `podwire.db-shm` | commits that are not yet in it; belong to it |
/// | `podwire.lock` | empty; locked by the daemon that uses the directory |
@safe struct StoreDirectory {
    let path: String

    var database: String { path + "/podwire.db" }
    var lock: String { path + "/podwire.lock" }

    /// Creates the directory if its parent exists, and checks that it is one.
    func prepare() throws(StoreError) {
        var info = stat()
        if unsafe stat(path, &info) != 0 {
            guard errno == ENOENT else { throw failure(.unwritable, errno) }
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw failure(.unwritable, errno)
            }
            guard unsafe stat(path, &info) == 0 else { throw failure(.unwritable, errno) }
        }
        guard info.st_mode & S_IFMT == S_IFDIR else { throw failure(.notADirectory, ENOTDIR) }
        guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
            throw failure(.unwritable, errno)
        }
    }

    /// Checks that the database file, if there is one, begins as SQLite's files do. A file that
    /// does not is refused before anything could write to it.
    func checkHeader() throws(StoreError) {
        let descriptor = unsafe open(database, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw StoreError(
                "open the store", .unwritable, path: database,
                unsafe String(cString: strerror(errno)),
                advice: "give the daemon's user permission to read and write it")
        }
        var header = [UInt8](repeating: 0, count: 16)
        let count = unsafe header.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        // The file was only read.
        _ = close(descriptor)
        if count == 0 { return }
        guard count == 16, header == Array("SQLite format 3\0".utf8) else {
            throw StoreError(
                "open the store", .corrupt, path: database, "it is not an SQLite database",
                advice: StoreError.corruptAdvice)
        }
    }

    private func failure(_ code: StoreError.Code, _ number: Int32) -> StoreError {
        StoreError(
            "open the store", code, path: path, unsafe String(cString: strerror(number)),
            advice: code == .notADirectory
                ? "name a directory"
                : "create it, and give the daemon's user permission to write to it")
    }
}
