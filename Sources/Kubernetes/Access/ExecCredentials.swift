import Foundation
import LogModel
import Logging

/// Credentials from a plugin: kept until they expire or are refused, then asked for again.
///
/// However many requests wait, the plugin runs once at a time. When it fails, all who ask within
/// the next ``failurePauseSeconds`` get the same failure, so that a broken plugin is not started by every
/// request.
actor ExecCredentials: CredentialSource {
    /// How long a plugin may run: 60 s. Then it is killed.
    static let timeout: Duration = .seconds(60)
    /// How long before their end credentials are replaced: 10 s, so that none ends under way.
    static let leewaySeconds: Int64 = 10
    /// How long a failure is kept: 5 s.
    static let failurePauseSeconds: Int64 = 5

    private let plugin: ExecPlugin
    private let certificate: Credential.Certificate?
    private let logger: Logger
    private let now: @Sendable () -> LogTime
    private var current: ExecPlugin.Answer?
    private var running: Task<ExecPlugin.Answer, any Error>?
    private var failure: (error: any Error, until: LogTime)?

    /// Credentials from `plugin`, with `certificate` where it returns none.
    init(
        plugin: ExecPlugin, certificate: Credential.Certificate? = nil, logger: Logger,
        now: @escaping @Sendable () -> LogTime = { LogTime(Date()) }
    ) {
        self.plugin = plugin
        self.certificate = certificate
        self.logger = logger
        self.now = now
    }

    func authorization() async throws -> Credential {
        if let current, isFresh(current) { return current.credential }
        if let failure {
            // More than the pause is left where the clock was set back, as behind a wrong one that
            // made the plugin fail.
            let left: Duration = failure.until - now()
            if left > .zero, left <= .seconds(Self.failurePauseSeconds) { throw failure.error }
        }
        // A bridge out of structured concurrency: the run serves all who wait, so none of them may
        // cancel it. It ends by itself within the time limit.
        let task = running ?? Task { [plugin, logger] in try await Self.run(plugin, logger) }
        running = task
        let result = await task.result
        if running == task { settle(result) }
        return withCertificate(try result.get()).credential
    }

    func invalidate(_ used: Credential) {
        if current?.credential == used { current = nil }
    }

    private func isFresh(_ answer: ExecPlugin.Answer) -> Bool {
        guard let expires = answer.expires else { return true }
        return now().wholeSeconds < expires.wholeSeconds - Self.leewaySeconds
    }

    private func settle(_ result: Result<ExecPlugin.Answer, any Error>) {
        running = nil
        switch result {
        case .success(let answer):
            current = withCertificate(answer)
            failure = nil
        case .failure(let error):
            let until = LogTime(seconds: now().wholeSeconds + Self.failurePauseSeconds)
            failure = (error, until)
        }
    }

    private func withCertificate(_ answer: ExecPlugin.Answer) -> ExecPlugin.Answer {
        var answer = answer
        if answer.credential.certificate == nil { answer.credential.certificate = certificate }
        return answer
    }

    /// Runs the plugin once.
    private static func run(
        _ plugin: ExecPlugin, _ logger: Logger
    ) async throws -> ExecPlugin.Answer {
        let process = ChildProcess(
            command: plugin.command, arguments: plugin.arguments,
            environment: try plugin.fullEnvironment(), timeout: timeout)
        let result: ChildProcess.Result
        do {
            result = try await process.run()
        } catch let error as ChildProcess.Failure {
            throw plugin.failure(error.words(installHint: plugin.installHint, timeout: timeout))
        }
        let spoken = String(decoding: result.errors.suffix(4096), as: UTF8.self)
        if !result.errors.isEmpty {
            logger.log(
                level: result.exitCode == 0 ? .info : .warning, "a credential plugin has spoken",
                metadata: ["plugin": "\(plugin.command)", "text": "\(spoken)"])
        }
        guard result.exitCode == 0 else {
            throw plugin.failure("failed with exit code \(result.exitCode)")
        }
        return try plugin.answer(result.output)
    }
}

extension ChildProcess.Failure {
    /// The failure as the end of a sentence about the program.
    fileprivate func words(installHint: String?, timeout: Duration) -> String {
        switch self {
        case .notFound: "was not found" + (installHint.map { ": \($0)" } ?? "")
        case .system(let operation, let code):
            "could not \(operation): \(String(cString: strerror(code)))"
        case .timeout: "did not end within \(timeout)"
        case .tooMuchOutput: "wrote more than \(ChildProcess.outputLimit) bytes"
        }
    }
}

extension LogTime {
    /// The same moment.
    init(_ date: Date) {
        self.init(nanoseconds: Int64(date.timeIntervalSince1970 * 1e9))
    }
}
