import Testing

/// Everything that runs a server, one test at a time: some count this process's descriptors, memory
/// and CPU time.
@Suite("Server", .serialized)
enum ServerTests {}
