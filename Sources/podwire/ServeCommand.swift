import ArgumentParser
import Foundation
import Logging

/// `podwire serve`: the daemon.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Follow the cluster's jobs and serve their logs, status and outputs.",
        discussion: """
            Prints one line on standard output when it is ready: `ready http://ADDRESS:PORT` \
            (https with TLS). All else goes to standard error. SIGTERM and SIGINT stop it cleanly.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        do {
            let settings = try options.load()
            LoggingSystem.bootstrap { label in
                var handler: any LogHandler =
                    settings.logFormat == .json
                    ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
                handler.logLevel = settings.logLevel
                return handler
            }
            try await Daemon.run(settings, logger: Logger(label: "podwire"))
        } catch let error where !(error is ExitCode) {
            StandardError.write("podwire: \(error)")
            throw ExitCode(1)
        }
    }
}
