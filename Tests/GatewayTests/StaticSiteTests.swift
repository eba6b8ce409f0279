import Foundation
import Testing
import WebServer

@testable import Gateway

@Suite struct StaticSiteTests {
    private let site = StaticSite([
        "index.html": Array("<!doctype html>".utf8), "view/rows.js": Array("export {}".utf8),
        "docs/index.html": Array("docs".utf8),
    ])

    private func answer(
        _ path: String, _ fields: [HeaderField] = []
    ) throws -> (head: ResponseHead, body: String) {
        let request = try Samples.request(path, fields)
        guard case .full(let head, let body) = try site.respond(request.segments, request) else {
            throw StatusResponse.noSuchPath(path)
        }
        return (head, String(decoding: body, as: UTF8.self))
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/index.html", "text/html; charset=utf-8", "<!doctype html>"),
        ("/view/rows.js", "text/javascript; charset=utf-8", "export {}"),
        ("/docs", "text/html; charset=utf-8", "docs"),
    ])
    func `files have their types and the page's headers`(
        path: String, type: String, body: String
    ) throws {
        let answer = try answer(path)
        #expect(answer.head.status == 200)
        #expect(answer.body == body)
        #expect(answer.head.fields.first("Content-Type") == type)
        #expect(
            answer.head.fields.first("Content-Security-Policy")
                == "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'")
        #expect(answer.head.fields.first("X-Content-Type-Options") == "nosniff")
        #expect(answer.head.fields.first("Referrer-Policy") == "no-referrer")
    }

    @Test func `a file that the browser has is not sent again`() throws {
        let tag = try #require(try answer("/").head.fields.first("ETag"))
        for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = try answer("/", [HeaderField("If-None-Match", known)])
            #expect(again.head.status == 304)
            #expect(again.body.isEmpty)
        }
        #expect(try answer("/", [HeaderField("If-None-Match", "\"other\"")]).head.status == 200)
        #expect(try answer("/view/rows.js").head.fields.first("ETag") != tag)
    }

    @Test(arguments: ["/missing.js", "/view", "/index.html/x", "/view/..%5Crows.js"])
    func `what is not a file is not found`(path: String) throws {
        let refusal = try #require(throws: StatusResponse.self) { try answer(path) }
        #expect(refusal.code == 404)
    }

    @Test func `a directory is read without its hidden files and with links inside it`() throws {
        try TemporaryDirectory.with { root in
            let web = root.appending(path: "web")
            try FileManager.default.createDirectory(
                at: web.appending(path: "..data/view"), withIntermediateDirectories: true)
            try Data("page".utf8).write(to: web.appending(path: "..data/index.html"))
            try Data("script".utf8).write(to: web.appending(path: "..data/view/a.js"))
            try FileManager.default.createSymbolicLink(
                atPath: web.appending(path: "index.html").path,
                withDestinationPath: "..data/index.html")
            try Data("secret".utf8).write(to: web.appending(path: ".htpasswd"))
            let files = try WebDirectory.read(web.path)
            #expect(files == ["index.html": Array("page".utf8)])
        }
    }

    @Test(arguments: ["file", "folder"])
    func `a link that leads out of the directory is refused by name`(kind: String) throws {
        try TemporaryDirectory.with { root in
            let web = root.appending(path: "web")
            try FileManager.default.createDirectory(at: web, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                at: root.appending(path: "folder"), withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: root.appending(path: "file"))
            try FileManager.default.createSymbolicLink(
                atPath: web.appending(path: "link").path, withDestinationPath: "../\(kind)")
            let refusal = try #require(throws: WebDirectory.Refusal.self) {
                try WebDirectory.read(web.path)
            }
            #expect(refusal.description.contains("link"))
            #expect(refusal.description.contains("leads out"))
        }
    }

    @Test func `a directory that is not there is refused by name`() throws {
        let refusal = try #require(throws: WebDirectory.Refusal.self) {
            try WebDirectory.read("/nonexistent/web")
        }
        #expect(refusal.description.contains("/nonexistent/web"))
    }
}
