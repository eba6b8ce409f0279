import WebServer

/// `/healthz`: alive. `/readyz`: each check, and why it is red.
struct HealthEndpoint: Sendable {
    /// What must be right.
    let checks: [ReadinessCheck]
    /// The daemon's version.
    let version: String

    /// The daemon answers: it is alive.
    var alive: ServerResponse { Self.text("ok\n") }

    /// 200 with one line a check, or 503 as soon as one is red.
    func ready() async -> ServerResponse {
        var text = ""
        var causes: [StatusResponse.Cause] = []
        var failures: [String] = []
        for check in checks {
            let failure = await check.failure()
            text += "[+] \(check.name): ok\n"
            causes.append(
                StatusResponse.Cause(
                    reason: failure == nil ? "Ready" : "NotReady", message: failure ?? "ok",
                    field: check.name))
            if let failure { failures.append("\(check.name): \(failure)") }
        }
        guard failures.isEmpty else {
            return StatusResponse(
                code: 503, reason: "ServiceUnavailable",
                message: "not ready: \(failures.joined(separator: "; "))",
                details: StatusResponse.Details(causes: causes)
            ).response
        }
        return Self.text("\(text)podwire \(version) is ready\n")
    }

    private static func text(_ text: String) -> ServerResponse {
        let head = ResponseHead(
            status: 200,
            fields: [
                HeaderField("Content-Type", "text/plain; charset=utf-8"),
                HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
            ])
        return .full(head, body: Array(text.utf8))
    }
}
