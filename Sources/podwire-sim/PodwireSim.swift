import ArgumentParser
import Foundation
import Logging
import SimulatedCluster
import WebServer

/// `podwire-sim`: a simulated cluster behind a fake Kubernetes API.
@main
struct PodwireSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "podwire-sim",
        abstract: "A simulated Kubernetes cluster whose Pods run scripted jobs.",
        discussion: """
            Prints one line, `ready http://ADDR:PORT`, on standard output when it listens. SIGTERM \
            and SIGINT end it. Pods can also be created through the API; annotations that start \
            with sim.podwire.dev/ say what they do.

            Faults: --faults all, or NAME=RATE,… with the probability of each for a request for a \
            log or for a watch. Names: \(FaultKind.allCases.map(\.rawValue).joined(separator: ", ")). \
            The same seed draws the same faults. A container with the annotation \
            sim.podwire.dev/log-faults has its own script instead: entries for its requests in \
            their order, separated by semicolons, as cut@500;status=429:2;end-rotate@100;ok. What \
            was really written, sent and lost is told at /simulation/streams, \
            /simulation/log/UID/CONTAINER/ATTEMPT and /simulation/faults.
            """)

    @Option(help: "Address and port to listen on; port 0 picks one.")
    var listen = ListenAddress(host: "127.0.0.1", port: 0)

    @Option(help: ArgumentHelp("Where to write a kubeconfig for this cluster.", valueName: "file"))
    var kubeconfigOut: String?

    @Option(help: "What happens in the cluster: demo, empty, firehose, many or burst.")
    var scenario = Scenario.demo

    @Option(help: "Makes the same cluster again: names, identifiers, log texts.")
    var seed: UInt64 = 1

    @Option(help: "firehose: bytes of log, without timestamps.")
    var bytes = 1_000_000_000

    @Option(help: "many and burst: the number of Pods.")
    var pods = 1_000

    @Option(help: "many: lines a second of each Pod.")
    var rate = 2.0

    @Option(help: "burst: seconds that each Pod runs.")
    var lasts = 20.0

    @Flag(help: "Refuse streaming lists, as clusters before 1.34 do.")
    var noStreamingLists = false

    @Flag(help: "Have no Jobs: answer 404 for batch/v1.")
    var noJobs = false

    @Flag(help: "Forbid Jobs: answer 403 for everything about them.")
    var forbidJobs = false

    @Option(help: ArgumentHelp("What goes wrong: none, all, or NAME=RATE,…", valueName: "faults"))
    var faults = "none"

    @Option(
        help: ArgumentHelp(
            "Tokens and rules (JSON) for reviews of access; PUT /simulation/access changes them.",
            valueName: "file"))
    var access: String?

    func validate() throws {
        _ = try mixture()
        _ = try accessRules()
        guard !(noJobs && forbidJobs) else {
            throw ValidationError("--no-jobs and --forbid-jobs exclude each other")
        }
        guard bytes >= 100 else { throw ValidationError("--bytes must be at least 100") }
        guard (1...100_000).contains(pods) else {
            throw ValidationError("--pods must be from 1 to 100000")
        }
        guard lasts >= 0, lasts <= 86_400 else {
            throw ValidationError("--lasts must be from 0 to 86400")
        }
        guard rate > 0, rate <= 1_000_000 else {
            throw ValidationError("--rate must be above 0 and at most 1000000")
        }
    }

    private func accessRules() throws -> AccessRules {
        guard let access else { return AccessRules() }
        do {
            return try AccessRules(Array(Data(contentsOf: URL(fileURLWithPath: access))))
        } catch {
            throw ValidationError("--access \(access): \(error)")
        }
    }

    private func mixture() throws -> FaultMixture {
        do throws(FaultMixture.Problem) {
            return try FaultMixture(faults)
        } catch {
            throw ValidationError("--faults: \(error)")
        }
    }

    func run() async throws {
        var logger = Logger(label: "podwire-sim") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .notice
        let stop = StopSignal()
        FileDescriptorLimit.raise()

        var settings = ClusterSettings()
        settings.seed = seed
        settings.faults = try mixture()
        // A watch may fall behind by all that happens at once, as API servers' caches let it.
        if scenario == .burst {
            settings.historyCapacity = max(settings.historyCapacity, 4 * pods)
        }
        settings.hasStreamingLists = !noStreamingLists
        settings.jobs = noJobs ? .absent : forbidJobs ? .forbidden : .served
        let reviewer = AccessReviewer(try accessRules())
        let timers = TimerQueue()
        let cluster = Cluster(settings: settings, clock: SystemClock(), timers: timers)
        var size = ScenarioSize()
        size.bytes = bytes
        size.pods = pods
        size.rate = rate
        size.lasts = .seconds(lasts)
        do throws(StatusError) {
            try scenario.start(in: cluster, size: size)
        } catch {
            throw ValidationError(error.message)
        }

        let thread = TimerThread(queue: timers)
        thread.start()
        defer { thread.stop() }
        var serverSettings = WebServerSettings()
        serverSettings.address = listen.host
        serverSettings.port = listen.port
        serverSettings.errorBody = { KubernetesAPI.errorBody(status: $0, message: $1) }
        let server: WebServer
        do throws(WebServerError) {
            server = try await WebServer.start(
                serverSettings, handler: KubernetesAPI(cluster: cluster, reviewer: reviewer),
                logger: logger)
        } catch {
            throw StartError(message: error.message)
        }
        let url = "http://\(listen.urlHost):\(server.port)"
        do {
            if let kubeconfigOut { try KubeconfigFile.write(server: url, to: kubeconfigOut) }
        } catch {
            await server.stop(closing: 1001, reason: "not started")
            throw StartError(
                message: "cannot write the kubeconfig: \(error.localizedDescription)")
        }
        try FileHandle.standardOutput.write(contentsOf: Data("ready \(url)\n".utf8))
        await stop.wait()
        await server.stop(closing: 1001, reason: "the simulated cluster is stopping")
    }
}

/// Why the simulated cluster did not start.
struct StartError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}

extension Scenario: ExpressibleByArgument {}
