import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct SiteAndHealthTests {
    @Test func `the page is served and not sent twice`() async throws {
        try await TestGateway.with { gateway in
            let page = try await gateway.get("/")
            #expect(page.text == "<!doctype html>")
            #expect(page.fields["content-security-policy"] == StaticSite.contentSecurityPolicy)
            let tag = try #require(page.fields["etag"])
            let again = try await gateway.get("/", fields: ["If-None-Match: \(tag)"])
            #expect(again.status == 304)
            let head = try await gateway.get("/app.js", method: "HEAD")
            #expect(head.fields["content-type"] == "text/javascript; charset=utf-8")
            #expect(head.fields["content-length"] == "9")
        }
    }

    @Test(arguments: [
        "/../data/podwire.db", "/%2e%2e/data/podwire.db", "/..%2fdata%2fpodwire.db",
        "/x/../../data/podwire.db", "/%2e%2e%2f%2e%2e%2fetc/passwd", "/etc/passwd",
        "//etc/passwd", "/%00", "/..\\data", "/.hidden", "/app.js/../../data/podwire.db",
    ])
    func `no path leaves the web directory`(path: String) async throws {
        try await TestGateway.with { gateway in
            let response = try await gateway.get(path)
            #expect(response.status == 400 || response.status == 404)
        }
    }

    @Test func `a daemon that answers is alive`() async throws {
        try await TestGateway.with { gateway in
            let health = try await gateway.get("/healthz")
            #expect(health.status == 200)
            #expect(health.text == "ok\n")
        }
    }

    @Test func `readiness names each check, and is red with the reason of one`() async throws {
        try await TestGateway.with { gateway in
            let ready = try await gateway.get("/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "[+] store: ok\npodwire 1.2.3 is ready\n")
        }
        let watch = ReadinessCheck("watch") { "the list of Pods failed: refused" }
        try await TestGateway.with(readiness: [watch]) { gateway in
            let refusal = try await gateway.refusal("/readyz")
            #expect(refusal.code == 503)
            #expect(refusal.message == "not ready: watch: the list of Pods failed: refused")
        }
    }
}
