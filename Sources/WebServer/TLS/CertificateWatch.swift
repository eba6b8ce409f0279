import Logging

/// Looks at the certificate's files for as long as its server runs, and hands new ones to it.
///
/// Reading blocks, so that it is done here, in a task, and not on the server thread; whether the
/// new files are any good is decided there.
struct CertificateWatch: Sendable {
    private let settings: TLSSettings
    private let mailbox: ServerMailbox
    private let logger: Logger
    /// What the files looked like before they were last read.
    private var stamps: FileStamps

    /// Reads the files for the first time; it blocks.
    static func begin(
        _ settings: TLSSettings, mailbox: ServerMailbox, logger: Logger
    ) throws(WebServerError) -> (watch: CertificateWatch, files: TLSFiles) {
        // Looked at before they are read: a change in between is seen as one the next time.
        let watch = CertificateWatch(
            settings: settings, mailbox: mailbox, logger: logger, stamps: FileStamps(settings))
        return (watch, try TLSFiles(settings))
    }

    /// Looks again and again until the task is cancelled.
    mutating func run() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: settings.checkInterval)
            } catch {
                return  // Cancelled: the server has ended.
            }
            look()
        }
    }

    private mutating func look() {
        let now = FileStamps(settings)
        guard now != stamps else { return }
        stamps = now
        do throws(WebServerError) {
            mailbox.replaceCertificate(try TLSFiles(settings))
        } catch {
            logger.error(
                "The changed certificate cannot be read; the old one stays in use",
                metadata: ["error": "\(error)"])
        }
    }
}
