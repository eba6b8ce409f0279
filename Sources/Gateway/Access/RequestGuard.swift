import WebServer

/// Refuses requests that a web page of another site made a browser send.
///
/// Any page that is open in a browser that can reach the daemon may try to use it. Four checks close
/// that door, with authentication as without:
/// - **Host** (DNS rebinding): a page of `evil.example` may have its name resolve to 127.0.0.1, but
///   the browser still sends `Host: evil.example`. Only ``ServedHosts`` are served.
/// - **Origin** (cross-site WebSocket hijacking): browsers let every page open a WebSocket to any
///   host, and say where the page came from. Only our own page may.
/// - **Origin** again (cross-site request forgery): a form of any page can POST here. What changes
///   something is taken from our own page, and from programs, which send no origin.
/// - **Sec-Fetch-Site** (the same by GET): an image of any page can have its address here, and says no
///   origin. To read a durable consumer's events takes over from whoever reads them, so it counts as
///   a change. Browsers since 2023 say whose page asks.
struct RequestGuard: Sendable {
    private let hosts: ServedHosts

    /// Takes requests for `hosts`.
    init(_ hosts: ServedHosts = ServedHosts()) {
        self.hosts = hosts
    }

    /// What is wrong with where the request comes from; `nil` when nothing is.
    func refusal(of request: ServerRequest) -> StatusResponse? {
        guard let host = request.header("Host"), !host.isEmpty else { return nil }
        guard let authority = Authority(host), hosts.contains(authority) else {
            return .forbidden(
                "the Host \"\(host)\" is not served: Podwire answers to localhost, 127.0.0.1, "
                    + "[::1] and the names of its setting web.hosts")
        }
        if request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS" {
            guard isFetchedByForeignPage(request), Route(request.segments).takesOver else {
                return nil
            }
            return .forbidden(
                "a page of another site may not read a consumer's events, which takes over from "
                    + "who reads them: only Podwire's own page and programs may")
        }
        return foreignPage(request).map { origin in
            .forbidden(
                "a page of \"\(origin)\" may not send \(request.method) here: only Podwire's own "
                    + "page and programs may")
        }
    }

    /// What is wrong with where the upgrade comes from; `nil` when nothing is.
    func refusal(ofUpgrade request: ServerRequest) -> StatusResponse? {
        if let refusal = refusal(of: request) { return refusal }
        return foreignPage(request).map { origin in
            .forbidden(
                "a page of \"\(origin)\" may not open a WebSocket here: only Podwire's own page "
                    + "may")
        }
    }

    /// Whether a browser says that a page of another site, or of another port, has it ask; `none` is
    /// a person who typed the address.
    private func isFetchedByForeignPage(_ request: ServerRequest) -> Bool {
        guard let site = request.header("Sec-Fetch-Site")?.lowercased() else { return false }
        return site != "same-origin" && site != "none"
    }

    /// The origin of a request that a page of another site made; `nil` for all other requests.
    private func foreignPage(_ request: ServerRequest) -> String? {
        guard let origin = request.header("Origin") else { return nil }
        let host = request.header("Host").flatMap(Authority.init)
        if let site = Self.site(ofOrigin: origin), site == host { return nil }
        return origin
    }

    /// `localhost:8420` of `http://localhost:8420`; `nil` for `null` and other forms.
    private static func site(ofOrigin origin: String) -> Authority? {
        for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
            return Authority(String(origin.dropFirst(scheme.count)))
        }
        return nil
    }
}
