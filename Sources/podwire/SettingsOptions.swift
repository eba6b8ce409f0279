import ArgumentParser
import Foundation

/// The flags that set the daemon's settings; the same for `serve` and `check-config`.
struct SettingsOptions: ParsableArguments {
    @Option(help: "A settings file (YAML); config/podwire.yaml shows every key.")
    var config: String?

    @Option(help: "The kubeconfig to use instead of $KUBECONFIG and ~/.kube/config.")
    var kubeconfig: String?

    @Option(help: "The kubeconfig's context to use instead of its current one.")
    var context: String?

    @Option(help: "Where to listen, ADDRESS:PORT; port 0 picks one. (default: 127.0.0.1:8420)")
    var listen: String?

    @Option(help: "The directory that keeps the store.")
    var dataDir: String?

    @Option(
        name: .customLong("namespace"), parsing: .singleValue,
        help: "Watch only this namespace; may be repeated. (default: all)")
    var namespaces: [String] = []

    @Option(help: "Watch only Pods that this label selector selects.")
    var selector: String?

    @Option(help: "The directory of the web page.")
    var webDir: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Option(help: "text or json. (default: text)")
    var logFormat: String?

    /// The flags by the key of the setting that each one sets.
    var flags: [String: [String]] {
        var flags: [String: [String]] = [:]
        for (key, value) in [
            ("kubeconfig", kubeconfig), ("context", context), ("listen", listen),
            ("dataDir", dataDir), ("selector", selector), ("webDir", webDir),
            ("logLevel", logLevel), ("logFormat", logFormat),
        ] {
            if let value { flags[key] = [value] }
        }
        if !namespaces.isEmpty { flags["namespaces"] = namespaces }
        return flags
    }

    /// Reads the settings from all sources.
    ///
    /// - Throws: ``SettingsError`` with every problem.
    func load(environment: [String: String] = ProcessInfo.processInfo.environment) throws
        -> Settings
    {
        let (settings, problems) = try read(environment: environment)
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        return settings
    }

    /// Reads the settings from all sources, and what is wrong with them; what is wrong has its default.
    ///
    /// - Throws: ``SettingsError`` for a file that cannot be read.
    func read(
        environment: [String: String]
    ) throws -> (settings: Settings, problems: [SettingsProblem]) {
        let path = config ?? environment["PODWIRE_CONFIG"]
        let file: SettingsFile?
        do {
            file = try path.map(SettingsFile.init(path:))
        } catch let problem as SettingsProblem {
            throw SettingsError(problems: [problem])
        }
        var reader = SettingsReader(flags: flags, environment: environment, file: file)
        let settings = Settings(&reader, environment: environment)
        reader.noteUnknownKeys()
        return (settings, reader.problems)
    }
}
