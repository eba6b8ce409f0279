import Foundation
import HTTPClient

/// An entry of a kubeconfig's `clusters`.
struct KubeconfigCluster {
    private let value: KubeconfigValue

    init(_ value: KubeconfigValue) {
        self.value = value
    }

    /// The server's URL, without a slash at its end.
    ///
    /// An address without a scheme means https where there are TLS settings, as for kubectl.
    func server(hasTLSSettings: Bool) throws(KubeconfigError) -> String {
        guard var server = try value.string("server") else {
            throw value.error(at: "server", "must not be empty")
        }
        if !server.contains("://") {
            let insecure = try value.flag("insecure-skip-tls-verify")
            server = (hasTLSSettings || insecure ? "https://" : "http://") + server
        }
        guard let url = URLComponents(string: server), url.host?.isEmpty == false,
            ["http", "https"].contains(url.scheme?.lowercased())
        else {
            throw value.error(at: "server", "must be an http or https URL, not \(server)")
        }
        guard url.query == nil, url.fragment == nil, url.user == nil else {
            throw value.error(at: "server", "must be a URL without user, query and fragment")
        }
        while server.hasSuffix("/") { server.removeLast() }
        return server
    }

    /// TLS and proxy.
    func transport() throws(KubeconfigError) -> HTTPTransport {
        var transport = HTTPTransport()
        transport.caCertificates = try value.material("certificate-authority")
        transport.insecureSkipVerify = try value.flag("insecure-skip-tls-verify")
        if transport.insecureSkipVerify && transport.caCertificates != nil {
            throw value.error(
                at: "insecure-skip-tls-verify",
                "must not be true together with a certificate authority")
        }
        transport.serverName = try value.string("tls-server-name")
        transport.proxyURL = try proxy()
        return transport
    }

    /// What a credential plugin is told of the cluster, where it asks for it.
    func execInformation(
        server: String, transport: HTTPTransport
    ) throws(KubeconfigError) -> ExecInformation.Cluster {
        var config: JSONValue?
        for entry in try value.list("extensions") {
            guard try entry.string("name") == "client.authentication.k8s.io/exec" else { continue }
            config = try entry.child("extension").map { JSONValue($0.node) }
        }
        return ExecInformation.Cluster(
            server: server, tlsServerName: transport.serverName,
            insecureSkipTLSVerify: transport.insecureSkipVerify ? true : nil,
            certificateAuthorityData: transport.caCertificates.map { Data($0) },
            proxyURL: try value.string("proxy-url"), config: config)
    }

    private func proxy() throws(KubeconfigError) -> String? {
        guard let proxy = try value.string("proxy-url") else { return nil }
        guard let url = URLComponents(string: proxy), url.host?.isEmpty == false,
            let scheme = url.scheme, ["http", "https", "socks5"].contains(scheme)
        else {
            throw value.error(at: "proxy-url", "must be an http, https or socks5 URL")
        }
        // kubectl leaves the look-up of names to a SOCKS proxy; libcurl calls that socks5h.
        return scheme == "socks5" ? "socks5h" + proxy.dropFirst("socks5".count) : proxy
    }
}
