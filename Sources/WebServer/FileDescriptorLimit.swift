import Glibc

/// The number of descriptors that the process may have open.
package enum FileDescriptorLimit {
    /// More than any server here needs, 1 Mi: libwebsockets keeps a table of 16 bytes for each.
    private static let enough: rlim_t = 1 << 20

    /// Raises the limit as far as the system lets us: thousands of sockets need thousands. Call it
    /// before the server starts, which sizes its table by it.
    package static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, enough))
        _ = unsafe setrlimit(resource, &limit)  // Refused: the old limit stays, and serves fewer.
    }
}
