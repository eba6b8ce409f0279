import Logging
import UnixSignals

/// Answers SIGHUP, which would end the process otherwise: operators send it to have files read again.
///
/// Certificates, their keys and the file of tokens are read again whenever they change, without a
/// signal; all else is read at the start only.
struct HangupNotice: Sendable {
    private let signals: UnixSignalsSequence
    private let logger: Logger

    /// From here on SIGHUP does not end the process.
    init(logger: Logger) async {
        signals = await UnixSignalsSequence(trapping: .sighup)
        self.logger = logger
    }

    /// Says what SIGHUP does, each time, until the task is cancelled.
    func run() async {
        for await _ in signals {
            logger.notice(
                """
                SIGHUP: changed certificates and tokens are in use already; other settings \
                take a restart
                """)
        }
    }
}
