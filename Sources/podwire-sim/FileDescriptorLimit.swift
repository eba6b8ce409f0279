#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The number of descriptors that the process may have open.
enum FileDescriptorLimit {
    /// Raises the limit as far as the system lets us: thousands of followers need thousands.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)  // as good as it gets
    }
}
