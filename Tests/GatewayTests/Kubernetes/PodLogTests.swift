import Foundation
import LogModel
import Store
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct PodLogTests {
    private static let log = "/api/v1/namespaces/default/pods/p/log"
    private static let ended = PodText.object(
        phase: "Succeeded", statuses: [PodText.status("main", PodText.completed)])

    @Test(arguments: [
        ("", "a\nb\nc\nd"), ("?tailLines=2", "c\nd"), ("?tailLines=0", ""),
        ("?tailLines=9", "a\nb\nc\nd"), ("?limitBytes=3", "a\nb"),
        ("?tailLines=2&limitBytes=3", "c\nd"), ("?container=main", "a\nb\nc\nd"),
        ("?container=", "a\nb\nc\nd"), ("?follow=maybe&tailLines=1", "d"),
        // Kubernetes hands whole seconds on.
        ("?sinceTime=1970-01-01T00:00:02Z", "c\nd"),
        ("?sinceTime=1970-01-01T00:00:02.999Z", "c\nd"),
        ("?sinceTime=1970-01-01T01:00:03%2B01:00", "d"), ("?sinceSeconds=1000000", ""),
        ("?sinceSeconds=9999999999999", "a\nb\nc\nd"),
        ("?timestamps=true&tailLines=1", "1970-01-01T00:00:03.000000000Z d"),
        ("?insecureSkipTLSVerifyBackend=true&stream=All", "a\nb\nc\nd"),
        ("?pretty=1", "a\nb\nc\nd"),
    ])
    func `parameters select what the kubelet would`(query: String, text: String) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: Self.ended)
            try await gateway.log(["a", "b", "c", "d"], closed: false)
            let response = try await gateway.get(Self.log + query)
            #expect(response.status == 200)
            #expect(response.text == text)
            #expect(response.fields["content-type"] == "text/plain")
        }
    }

    /// The words are those of an API server of 1.20.
    @Test(arguments: [
        (
            "tailLines=-1", 422,
            "PodLogOptions \"p\" is invalid: tailLines: Invalid value: -1: must be greater than or "
                + "equal to 0"
        ),
        (
            "tailLines=-1&limitBytes=0&sinceSeconds=0", 422,
            "PodLogOptions \"p\" is invalid: [tailLines: Invalid value: -1: must be greater than or "
                + "equal to 0, limitBytes: Invalid value: 0: must be greater than 0, sinceSeconds: "
                + "Invalid value: 0: must be greater than 0]"
        ),
        (
            "sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z", 422,
            "PodLogOptions \"p\" is invalid: []: Forbidden: at most one of `sinceTime` or "
                + "`sinceSeconds` may be specified"
        ),
        ("tailLines=abc", 400, "strconv.ParseInt: parsing \"abc\": invalid syntax"),
        ("limitBytes=", 400, "strconv.ParseInt: parsing \"\": invalid syntax"),
        (
            "sinceTime=abc", 400,
            "parsing time \"abc\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"abc\" as "
                + "\"2006\""
        ),
        (
            "sinceTime=2020-01-01", 400,
            "parsing time \"2020-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as "
                + "\"T\""
        ),
        (
            "sinceTime=2020-01-01T00:00:00.5", 400,
            "parsing time \"2020-01-01T00:00:00.5\" as \"2006-01-02T15:04:05Z07:00\": cannot "
                + "parse \"\" as \"Z07:00\""
        ),
        ("container=x", 400, "container x is not valid for pod p"),
        ("previous=true", 400, "previous terminated container \"main\" in pod \"p\" not found"),
        (
            "stream=Stdout", 422,
            "PodLogOptions \"p\" is invalid: stream: Forbidden: may not be specified: stdout and "
                + "stderr are stored as one"
        ),
    ])
    func `bad parameters are refused`(query: String, code: Int, message: String) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: Self.ended)
            try await gateway.log(["a"])
            let refusal = try await gateway.refusal("\(Self.log)?\(query)")
            #expect(refusal.code == code)
            #expect(refusal.message == message)
        }
    }

    @Test func `a Pod that nobody has seen is refused at once, a follower too`() async throws {
        try await TestGateway.with { gateway in
            for query in ["", "?follow=true"] {
                let refusal = try await gateway.refusal(Self.log + query)
                #expect(refusal.code == 404)
                #expect(refusal.message == "pods \"p\" not found")
            }
        }
    }

    @Test func `a Pod that is on no node has nothing to read`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: PodText.object(node: nil, phase: "Pending"))
            let response = try await gateway.get(Self.log)
            #expect(response.status == 204)
            #expect(response.body.isEmpty)
            let upgrade = try await gateway.client().upgrade(Self.log)
            #expect(upgrade.status == 204)
        }
    }

    @Test func `a follower gets each line live, and the end`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(
                object: PodText.object(statuses: [PodText.status("main", PodText.running)]))
            let writer = try await gateway.log(["one"], ends: false)
            let client = try gateway.client()
            try client.request(Self.log + "?follow=true")
            let head = try await client.readHead()
            #expect(head.status == 200)
            #expect(try await client.readChunk() == Array("one\n".utf8))
            try await writer.write(["two"], start: 5)
            #expect(try await client.readChunk() == Array("two\n".utf8))
            try await writer.end(exitCode: 0, reason: nil)
            #expect(try await client.readBody(of: head).isEmpty)
        }
    }

    @Test func `a container that has started is waited for until it is followed`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(
                object: PodText.object(statuses: [PodText.status("main", PodText.running)]))
            let client = try gateway.client()
            try client.request(Self.log)
            // Opening the stream is the news that the answer waits for, before or after its look.
            try await gateway.log([], ends: true)
            let head = try await client.readHead()
            #expect(head.status == 200)
            #expect(try await client.readBody(of: head).isEmpty)
        }
    }

    @Test func `a log that is no longer kept is refused as such`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: Self.ended)
            let writer = try await gateway.log(["a"])
            try await gateway.store.deleteLines(ofStreams: [writer.row])
            #expect(try await gateway.refusal(Self.log).code == 410)
        }
    }

    @Test func `a Pod that is gone answers as it did, and one that was not captured says so`()
        async throws
    {
        try await TestGateway.with { gateway in
            try await gateway.show(gone: .now, Self.ended)
            let refusal = try await gateway.refusal(Self.log)
            #expect(refusal.code == 404)
            #expect(
                refusal.message
                    == "the log of container \"main\" in pod \"p\" was not captured")
            try await gateway.log(["a"])
            #expect(try await gateway.get(Self.log + "?follow=true").text == "a\n")
        }
    }

    @Test(
        arguments: [
            (nil, nil, RawFrame.binary([0x61, 0xFF, 0x0A])),
            ("binary.k8s.io", "binary.k8s.io", .binary([0x61, 0xFF, 0x0A])),
            ("base64.binary.k8s.io", "base64.binary.k8s.io", .text("Yf8K")),
            ("x.y, base64.binary.k8s.io", "base64.binary.k8s.io", .text("Yf8K")),
        ] as [(String?, String?, RawFrame)])
    func `Kubernetes' subprotocols are spoken`(
        offer: String?, chosen: String?, frame: RawFrame
    ) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: Self.ended)
            let writer = try await gateway.log([], ends: false)
            try await writer.append(Samples.batch([[0x61, 0xFF]], times: [0]).batch)
            try await writer.end(exitCode: 0, reason: nil)
            let client = try gateway.client()
            let head = try await client.upgrade(Self.log + "?follow=true", subprotocol: offer)
            #expect(head.status == 101)
            #expect(head.fields["sec-websocket-protocol"] == chosen)
            #expect(try await client.readFrames() == [frame, .close(1000, "")])
        }
    }

    @Test(
        arguments: [
            ("/api/v1/namespaces/default/pods/nix/log", nil, 404),
            (log + "?container=x", nil, 400), (log + "?tailLines=-1", nil, 422),
            (log, "podwire.v1", 403), ("/api/v1/pods?watch=1", nil, 404),
        ] as [(String, String?, Int)])
    func `an upgrade is refused before it happens`(
        target: String, offer: String?, code: Int
    ) async throws {
        try await TestGateway.with { gateway in
            try await gateway.show(object: Self.ended)
            let response = try await gateway.client().upgrade(target, subprotocol: offer)
            #expect(response.status == code)
            let status = try JSONDecoder().decode(
                RefusalDocument.self, from: Data(response.body))
            #expect(status.code == code)
        }
    }
}
