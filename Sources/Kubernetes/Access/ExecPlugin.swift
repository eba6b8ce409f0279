import Foundation
import LogModel

/// A credential plugin: how it is called, and how its answer is read.
struct ExecPlugin: Sendable, Equatable {
    /// Why a plugin gave no credentials.
    struct Failure: Error, Equatable, CustomStringConvertible {
        var command: String
        var reason: String

        var description: String { "the credential plugin \(command) \(reason)" }
    }

    /// A credential and when it ends; `nil` for one that does not end by itself.
    struct Answer: Sendable, Equatable {
        var credential: Credential
        var expires: LogTime?
    }

    /// A name to look up in `PATH`, or an absolute path.
    var command: String
    var arguments: [String]
    /// All of it, without `KUBERNETES_EXEC_INFO`.
    var environment: [String: String]
    var apiVersion: String
    /// Told to the plugin where it asks for it.
    var cluster: ExecInformation.Cluster?
    /// How to get the plugin, for the one who does not have it.
    var installHint: String?

    /// The environment that the plugin gets.
    func fullEnvironment() throws -> [String: String] {
        let information = ExecInformation(
            apiVersion: apiVersion, spec: ExecInformation.Spec(cluster: cluster))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var environment = environment
        environment["KUBERNETES_EXEC_INFO"] = String(
            decoding: try encoder.encode(information), as: UTF8.self)
        return environment
    }

    /// An error of this plugin.
    func failure(_ reason: String) -> Failure {
        Failure(command: command, reason: reason)
    }

    private struct Output: Decodable {
        struct Status: Decodable {
            var expirationTimestamp: String?
            var token: String?
            var clientCertificateData: String?
            var clientKeyData: String?
        }
        var kind: String?
        var apiVersion: String?
        var status: Status?
    }

    /// The credential that the plugin wrote to its standard output.
    func answer(_ output: [UInt8]) throws(Failure) -> Answer {
        let object: Output
        do {
            object = try JSONDecoder().decode(Output.self, from: Data(output))
        } catch {
            // The output may be a secret: it is not part of the message.
            throw failure("did not return an ExecCredential in JSON")
        }
        guard object.kind == "ExecCredential" else {
            throw failure(
                "did not return an ExecCredential but a \(object.kind ?? "nameless kind")")
        }
        guard object.apiVersion == apiVersion else {
            throw failure(
                "returned apiVersion \(object.apiVersion ?? "(none)"), not \(apiVersion)")
        }
        guard let status = object.status else { throw failure("returned no status") }
        var credential = Credential()
        if let token = status.token, !token.isEmpty {
            credential.authorization = "Bearer \(token)"
        }
        let certificate = status.clientCertificateData ?? ""
        let key = status.clientKeyData ?? ""
        guard certificate.isEmpty == key.isEmpty else {
            throw failure("returned only one of clientCertificateData and clientKeyData")
        }
        if !certificate.isEmpty {
            credential.certificate = Credential.Certificate(
                certificate: Array(certificate.utf8), key: Array(key.utf8))
        }
        guard credential != Credential() else {
            throw failure("returned neither a token nor a client certificate")
        }
        return Answer(
            credential: credential, expires: try expiry(status.expirationTimestamp))
    }

    private func expiry(_ text: String?) throws(Failure) -> LogTime? {
        guard let text else { return nil }
        guard let time = RFC3339.parse(text) else {
            throw failure("returned an expirationTimestamp that is no RFC 3339 time: \(text)")
        }
        return time
    }
}
