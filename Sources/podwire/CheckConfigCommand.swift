import ArgumentParser
import Foundation
import Kubernetes
import WebServer

/// `podwire check-config`: exits 0, or 1 with every problem named.
struct CheckConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check the settings and the kubeconfig, and name every problem.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        do {
            let environment = ProcessInfo.processInfo.environment
            let (settings, found) = try options.read(environment: environment)
            var problems = found.map(\.description)
            var cluster: ClusterAccess?
            do {
                cluster = try ClusterConfiguration.load(
                    kubeconfig: settings.kubeconfig, context: settings.context,
                    environment: environment)
                if cluster == nil { problems.append(NoClusterError().description) }
            } catch {
                problems.append(String(describing: error))
            }
            guard let access = cluster, problems.isEmpty else {
                StandardError.write("podwire: \(problems.joined(separator: "\n"))")
                throw ExitCode(1)
            }
            if let tls = settings.server.tls, let warning = try tls.check() {
                StandardError.write("warning: tls.certFile: \(warning)")
            }
            print("ok: cluster \(access.name) at \(access.server), listen \(settings.listen)")
        } catch let error where !(error is ExitCode) {
            StandardError.write("podwire: \(error)")
            throw ExitCode(1)
        }
    }
}

/// Neither a kubeconfig nor a service account was found.
struct NoClusterError: Error, CustomStringConvertible {
    var description: String {
        "no cluster: there is no kubeconfig (--kubeconfig, $KUBECONFIG, ~/.kube/config) and no "
            + "service account of a Pod; podwire-sim --kubeconfig-out FILE simulates a cluster"
    }
}

/// Whole lines to standard error, for what is said before and beside the log.
enum StandardError {
    /// Writes `line` and a newline.
    static func write(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
