import Foundation
import Gateway
import Logging
import Retention
import StatusFetcher
import WebServer
import Webhooks

/// The daemon's settings, from the flags, the environment, the file and the defaults.
///
/// `config/podwire.yaml` lists every key with its unit, default and reason.
struct Settings: Sendable {
    /// How log entries are written to standard error.
    enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    var kubeconfig: String?
    var context: String?
    var namespaces: [String]
    var selector: String?
    var listen: ListenAddress
    var dataDirectory: String
    var webDirectory: String
    var logLevel: Logger.Level
    var logFormat: LogFormat
    var keyRules: [KeyRule]
    var ignoredContainers: [ContainerPattern]
    var webhooks: [WebhookSettings]
    var streamsPerConnection: Int
    var maxFollows: Int
    var maxFollowsPerNode: Int
    var startsPerSecond: Int
    var recycleAfter: Duration
    var giveUpAfter: Duration
    var queueBytes: Int
    var recentBytes: Int
    var server: WebServerSettings
    var maxConsumers: Int
    var retention: RetentionSettings
    var auth: AuthSettings
    var hosts: [String]

    /// Reads every setting; what is wrong is noted in `reader`.
    init(_ reader: inout SettingsReader, environment: [String: String]) {
        kubeconfig = reader.text("kubeconfig")
        context = reader.text("context")
        namespaces = Self.namespaces(&reader)
        selector = Self.selector(&reader)
        listen = Self.listenAddress(&reader)
        dataDirectory = reader.text("dataDir") ?? Self.defaultDataDirectory(environment)
        webDirectory = Self.webDirectory(&reader)
        logLevel = reader.value(
            "logLevel", default: .info,
            allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
            Logger.Level.init(rawValue:))
        logFormat = reader.value(
            "logFormat", default: .text, allowed: "text, json", LogFormat.init(rawValue:))
        keyRules = Self.keyRules(&reader)
        ignoredContainers = Self.ignoredContainers(&reader)
        webhooks = Self.webhooks(&reader)
        streamsPerConnection = reader.integer(
            "kubernetes.streamsPerConnection", default: 10, in: 1...250)
        maxFollows = reader.integer("capture.maxFollows", default: 10_000, in: 1...100_000)
        maxFollowsPerNode = reader.integer(
            "capture.maxFollowsPerNode", default: 500, in: 1...10_000)
        startsPerSecond = reader.integer("capture.startsPerSecond", default: 100, in: 1...10_000)
        recycleAfter = reader.duration(
            "capture.recycleAfter", default: .seconds(3600), in: .seconds(60)...(.seconds(10_800)))
        giveUpAfter = reader.duration(
            "capture.giveUpAfter", default: .seconds(900), in: .seconds(1)...(.seconds(86_400)))
        queueBytes = reader.bytes("store.queueBytes", default: 64 << 20, in: (4 << 20)...(4 << 30))
        recentBytes = reader.bytes("store.recentBytes", default: 64 << 20, in: 0...(16 << 30))
        server = Self.server(&reader)
        maxConsumers = reader.integer("events.maxConsumers", default: 100, in: 1...10_000)
        retention = Self.retention(&reader)
        auth = Self.auth(&reader, listen: listen)
        hosts = Self.hosts(&reader)
    }

    private static func retention(_ reader: inout SettingsReader) -> RetentionSettings {
        var retention = RetentionSettings()
        let longest: Duration = .seconds(3_650 * 86_400)
        retention.keepEventsFor = reader.duration(
            "events.keepFor", default: retention.keepEventsFor, in: .seconds(1)...longest)
        retention.maxEvents = Int64(
            reader.integer(
                "events.maxEvents", default: Int(retention.maxEvents), in: 1...1_000_000_000))
        retention.keepLogsFor = reader.duration(
            "retention.logs.keepFor", default: retention.keepLogsFor, in: .seconds(1)...longest)
        let maxBytes = reader.bytes("retention.maxBytes", default: 0, in: 0...(1 << 50))
        retention.maxBytes = maxBytes == 0 ? nil : Int64(maxBytes)
        return retention
    }

    private static func listenAddress(_ reader: inout SettingsReader) -> ListenAddress {
        let text = reader.text("listen") ?? "127.0.0.1:8420"
        do {
            return try ListenAddress.parse(text)
        } catch {
            reader.note(
                SettingsProblem(key: "listen", value: text, reason: String(describing: error)))
            return ListenAddress(host: "127.0.0.1", port: 0)  // The problem keeps it from use.
        }
    }

    /// The directory that systemd gives to a service, else the place for a user's program state.
    private static func defaultDataDirectory(_ environment: [String: String]) -> String {
        if let state = environment["STATE_DIRECTORY"], !state.isEmpty { return state }
        if let state = environment["XDG_STATE_HOME"], !state.isEmpty { return state + "/podwire" }
        return NSHomeDirectory() + "/.local/state/podwire"
    }

    /// The web page's directory: as set, else the first that exists of `web` here, in `share` beside
    /// the binary's folder, in the checkout that the binary was built in
    /// (`.build/TRIPLE/CONFIGURATION`), and in `/usr/share`.
    private static func webDirectory(_ reader: inout SettingsReader) -> String {
        let set = reader.text("webDir")
        let folder = URL(fileURLWithPath: binaryPath).deletingLastPathComponent()
        let beside = ["../share/podwire/web", "../../../web"].map { path in
            folder.appendingPathComponent(path).standardized.path
        }
        let candidates = set.map { [$0] } ?? ["web"] + beside + ["/usr/share/podwire/web"]
        let found = candidates.first { directory in
            FileManager.default.fileExists(atPath: directory + "/index.html")
        }
        if found == nil {
            reader.note(
                SettingsProblem(
                    key: "webDir", value: set ?? "",
                    reason: "no index.html in \(candidates.joined(separator: ", ")); "
                        + "name the directory of the web page"))
        }
        return found ?? "web"
    }

    /// Where the running binary is, whatever folder and links it was started by.
    private static var binaryPath: String {
        let running = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return running ?? CommandLine.arguments.first ?? "podwire"
    }
}
