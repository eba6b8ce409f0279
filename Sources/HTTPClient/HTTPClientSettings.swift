/// How a client uses connections and memory. Fixed for the client's life.
package struct HTTPClientSettings: Sendable {
    /// The most transfers that share one HTTP/2 connection; more open another connection.
    /// Default 10; 1 means HTTP/1.1.
    ///
    /// The cost of each arrival grows with the transfers on its connection (for 10,000 quiet
    /// followers: 100 streams 0.76 of a core and 14 KiB a transfer, 10 streams 0.57 and 23 KiB).
    package var streamsPerConnection = 10
    /// libcurl's receive buffer for each transfer, in bytes, allocated as long as the transfer
    /// lives. Default 16,384; from 1,024. With many quiet transfers 4,096 saves memory; more than
    /// 16,384 gains nothing, because libcurl hands over at most that much at once.
    package var receiveBufferBytes = 16_384
    /// How many connections are kept open, idle ones included. Default 1,024. Beyond it the oldest
    /// idle connection is closed; connections in use are never limited by this.
    package var maxConnections = 1_024
    /// Silence after which TCP probes the peer. Default 30 s. Whole seconds count.
    package var keepAliveIdle: Duration = .seconds(30)
    /// The time between two probes. Default 10 s. After three unanswered ones the connection is
    /// dead, and its transfers fail with `cut`.
    package var keepAliveInterval: Duration = .seconds(10)

    package init() {}
}
