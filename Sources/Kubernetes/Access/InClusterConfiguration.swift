import Foundation
import HTTPClient
import Logging

/// The access that every Pod gets: its service account.
///
/// | what | where |
/// | --- | --- |
/// | server | `https://KUBERNETES_SERVICE_HOST:KUBERNETES_SERVICE_PORT` |
/// | token | `token`, read again as it rotates |
/// | trusted certificates | `ca.crt`; without it the system's |
/// | namespace | `POD_NAMESPACE`, else `namespace`, else `default` |
enum InClusterConfiguration {
    /// Where the kubelet mounts the service account.
    static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The service account's access; `nil` outside of a Pod, and in one without a token.
    static func load(
        environment: [String: String], folder: String = folder, logger: Logger
    ) throws(KubeconfigError) -> ClusterAccess? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty,
            try read("\(folder)/token") != nil
        else { return nil }
        var transport = HTTPTransport()
        transport.caCertificates = try read("\(folder)/ca.crt")
        if transport.caCertificates == nil {
            logger.warning("the service account has no ca.crt", metadata: ["folder": "\(folder)"])
        }
        let named = try read("\(folder)/namespace").map {
            String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }
        }
        let namespace = [environment["POD_NAMESPACE"], named].compactMap { $0 }.first {
            !$0.isEmpty
        }
        return ClusterAccess(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            transport: transport, namespace: namespace ?? "default", name: "in-cluster",
            credentials: FileCredentials(
                fixed: Credential(), files: FileCredentials.Paths(token: "\(folder)/token"),
                logger: logger))
    }

    private static func read(_ path: String) throws(KubeconfigError) -> [UInt8]? {
        do {
            return try FileBytes.read(path)
        } catch {
            if error.isMissing { return nil }
            throw KubeconfigError(file: path, reason: "cannot be read: \(error)")
        }
    }
}
