import CWebSockets
import Logging
import Synchronization

/// Sends libwebsockets' log lines to a logger.
///
/// libwebsockets has one log for the process; the server that started last has it. Its errors are
/// ours to see; its warnings are mostly about clients, so they are at debug level.
enum LibwebsocketsLog {
    private static let logger = Mutex<Logger?>(nil)

    /// Directs the log to `logger`.
    static func install(_ logger: Logger) {
        Self.logger.withLock { $0 = logger }
        unsafe lws_set_log_level(LLL_ERR | LLL_WARN) { level, line in
            guard let line = unsafe line, let logger = LibwebsocketsLog.logger.withLock({ $0 })
            else { return }
            let text = unsafe String(cString: line)
            logger.log(
                level: level == LLL_ERR ? .warning : .debug, "libwebsockets reports a problem",
                metadata: ["line": "\(text.filter { !$0.isNewline })"])
        }
    }
}
