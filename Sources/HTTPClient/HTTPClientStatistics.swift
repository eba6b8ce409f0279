/// What a client is doing, for metrics.
package struct HTTPClientStatistics: Sendable, Equatable {
    /// Requests handed to libcurl since the client was made.
    package var requestsStarted = 0
    /// Transfers that libcurl is working on.
    package var activeTransfers = 0
    /// How often a transfer was held back because its reader was slow.
    package var holds = 0
    /// Sockets to servers and proxies that are open now, idle ones included.
    package var openConnections = 0
    /// Body bytes received since the client was made.
    package var bytesReceived = 0
}
