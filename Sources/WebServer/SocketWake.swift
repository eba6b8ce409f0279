/// Tells the server that a source or session has something to send.
///
/// It is cheap and may be used from any thread, at any time: waking a socket again before the
/// server has come round to it does nothing, waking a thousand sockets wakes the server thread
/// once, and waking a socket that is closed does nothing.
package struct SocketWake: Sendable {
    private let signal: @Sendable () -> Void

    /// Makes a wake that calls `signal`: for tests of sources and sessions without a server.
    package init(_ signal: @escaping @Sendable () -> Void) {
        self.signal = signal
    }

    /// Asks for a pull.
    package func wake() {
        signal()
    }
}
