import LogModel
import Testing
import WebServer

@testable import Gateway
@testable import Store

@Suite(.timeLimit(.minutes(5))) struct ConsumersTests {
    @Test func `a consumer is made, shown, changed and deleted`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.emit(3)
            let body = #"{"types":["podwire.job.status"],"namespace":"default","after":0}"#
            let made = try await gateway.send("PUT", "/v1/consumers/engine", body)
            #expect(made.status == 201)
            #expect(made.text.contains(#""acknowledged":0,"createdAt":"#))
            #expect(made.text.contains(#""lag":3,"name":"engine","namespace":"default""#))
            #expect(made.text.contains(#""state":"idle","types":["podwire.job.status"]"#))
            let again = try await gateway.send("PUT", "/v1/consumers/engine", body)
            #expect(again.status == 200 && again.text == made.text)
            #expect(try await gateway.get("/v1/consumers/engine").text == made.text)

            let other = #"{"job":"build","after":2}"#
            let changed = try await gateway.send("PUT", "/v1/consumers/engine", other)
            #expect(changed.status == 200)
            #expect(changed.text.contains(#""acknowledged":0,"#), "the position is kept")
            #expect(changed.text.contains(#""job":"build""#))
            #expect(!changed.text.contains("types"))
            let list = try await gateway.get("/v1/consumers").text
            #expect(list == "{\"items\":[" + changed.text.dropLast() + "]}\n")

            #expect(try await gateway.send("DELETE", "/v1/consumers/engine").status == 200)
            #expect(try await gateway.get("/v1/consumers/engine").status == 404)
            #expect(try await gateway.send("DELETE", "/v1/consumers/engine").status == 404)
            #expect(try await gateway.get("/v1/consumers").text == "{\"items\":[]}\n")
        }
    }

    @Test func `a filter and a start may stand in the query, as for events`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.emit(3)
            let target =
                "/v1/consumers/engine?types=podwire.job.status,podwire.job.end"
                + "&namespace=default&workflow=w&job=build&after=1"
            let made = try await gateway.send("PUT", target)
            #expect(made.status == 201)
            #expect(made.text.contains(#""acknowledged":1,"#))
            #expect(made.text.contains(#""job":"build","lag":2,"#))
            #expect(made.text.contains(#""namespace":"default""#))
            #expect(made.text.contains(#""types":["podwire.job.end","podwire.job.status"]"#))
            #expect(made.text.contains(#""workflow":"w""#))
            #expect(try await gateway.connect("engine").readEvents(2) == [2, 3])

            let both = try await gateway.send("PUT", target, "{}")
            #expect(both.status == 400 && both.text.contains("not in both"))
            let misspelt = try await gateway.send("PUT", "/v1/consumers/other?type=podwire.job.end")
            #expect(misspelt.status == 400 && misspelt.text.contains("type: no such parameter"))
            #expect(try await gateway.get("/v1/consumers/other").status == 404)
        }
    }

    @Test func `a new consumer without a start starts now`() async throws {
        try await TestGateway.with { gateway in
            try await gateway.emit(3)
            let made = try await gateway.send("PUT", "/v1/consumers/engine")
            #expect(made.status == 201)
            #expect(made.text.contains(#""acknowledged":3,"#))
            let client = try await gateway.connect("engine")
            try await gateway.emit(1)
            #expect(try await client.readEvents(1) == [4])
        }
    }

    @Test func `what is not acknowledged comes again, what is acknowledged does not`() async throws
    {
        try await TestGateway.with { gateway in
            let body = #"{"job":"a","after":0}"#
            _ = try await gateway.send("PUT", "/v1/consumers/engine", body)
            for job in ["a", "b", "a", "a"] { try await gateway.emit(1, job: job) }
            let first = try await gateway.connect("engine")
            #expect(try await first.readEvents(3) == [1, 3, 4])
            first.close()
            let second = try await gateway.connect("engine")
            #expect(try await second.readEvents(3) == [1, 3, 4])
            let done = try await gateway.acknowledge("engine", 3)
            #expect(done.text == "{\"acknowledged\":3,\"changed\":true}\n")
            second.close()
            let third = try await gateway.connect("engine")
            #expect(try await third.readEvents(1) == [4])
        }
    }

    @Test func `an acknowledgement moves forward only, and only over what was sent`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(3)
            #expect(try await gateway.acknowledge("engine", 1).status == 409)
            let client = try await gateway.connect("engine")
            #expect(try await client.readEvents(3) == [1, 2, 3])
            let beyond = try await gateway.acknowledge("engine", 4)
            #expect(beyond.status == 422)
            #expect(beyond.text.contains("beyond the last event, 3"))
            #expect(try await gateway.acknowledge("engine", 2).status == 200)
            let back = try await gateway.acknowledge("engine", 1)
            #expect(back.status == 200)
            #expect(back.text.contains(#""acknowledged":2,"changed":false,"message":"#))
            #expect(try await gateway.get("/v1/consumers/engine").text.contains(#""lag":1"#))
            #expect(try await gateway.acknowledge("nobody", 1).status == 404)
        }
    }

    @Test func `a position outlives the daemon, and what was sent before is not known`()
        async throws
    {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/engine", #"{"after":0}"#)
            try await gateway.emit(3)
            #expect(try await gateway.connect("engine").readEvents(3) == [1, 2, 3])
            #expect(try await gateway.acknowledge("engine", 2).status == 200)
            let directory = gateway.directory
            await gateway.stop()
            let next = try await TestGateway.start(in: directory)
            let early = try await next.acknowledge("engine", 3)
            #expect(early.status == 409 && early.text.contains("since the daemon started"))
            #expect(try await next.connect("engine").readEvents(1) == [3])
            #expect(try await next.acknowledge("engine", 3).status == 200)
            await next.stop()
        }
    }

    @Test func `a consumer that retention has overtaken is told so and shown`() async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/slow", #"{"after":0}"#)
            _ = try await gateway.send("PUT", "/v1/consumers/other", #"{"job":"b","after":0}"#)
            try await gateway.emit(5, job: "a")
            try await gateway.store.deleteEvents(before: 4)
            let gone = try await gateway.get("/v1/consumers/slow/events")
            #expect(gone.status == 410)
            #expect(gone.text.contains("the oldest kept event is 4"))
            #expect(gone.text.contains(#""reason":"OldestSequence""#))
            let socket = try gateway.client()
            _ = try await socket.upgrade("/v1/consumers/slow/events")
            guard case .close(4410, let reason) = try await socket.readFrame() else {
                Issue.record("expected a close frame")
                return
            }
            #expect(reason.contains("the oldest kept event is 4"))
            #expect(try await gateway.get("/v1/consumers/slow").text.contains(#""expired""#))
            let other = try await gateway.get("/v1/consumers/other").text
            #expect(other.contains(#""acknowledged":3,"#), "it has missed nothing")
            _ = try await gateway.send("DELETE", "/v1/consumers/slow")
            _ = try await gateway.send("PUT", "/v1/consumers/slow", #"{"after":3}"#)
            #expect(try await gateway.connect("slow").readEvents(2) == [4, 5])
        }
    }

    @Test(arguments: [
        ("PUT", "/v1/consumers/Engine", "", 422, "lower-case"),
        ("PUT", "/v1/consumers/-engine", "", 422, "begins and ends"),
        ("PUT", "/v1/consumers/a%20b", "", 422, "lower-case"),
        ("PUT", "/v1/consumers/" + String(repeating: "a", count: 64), "", 422, "63"),
        ("PUT", "/v1/consumers/e", "[]", 400, "JSON object"),
        ("PUT", "/v1/consumers/e", "{", 400, "JSON object"),
        ("PUT", "/v1/consumers/e", #"{"type":"x"}"#, 400, "type: no such member"),
        ("PUT", "/v1/consumers/e", #"{"types":["x"]}"#, 400, "podwire.job.end"),
        ("PUT", "/v1/consumers/e", #"{"types":3}"#, 400, "list of texts"),
        ("PUT", "/v1/consumers/e", #"{"namespace":3}"#, 400, "namespace: a text"),
        ("PUT", "/v1/consumers/e", #"{"after":-1}"#, 400, "after: a whole number"),
        ("PUT", "/v1/consumers/e", #"{"after":"1"}"#, 400, "after: a whole number"),
        ("PUT", "/v1/consumers/e", #"{"after":7}"#, 400, "beyond the last event"),
        ("POST", "/v1/consumers/known/ack", "", 400, "JSON object"),
        ("POST", "/v1/consumers/known/ack", "{}", 400, "sequence is missing"),
        ("POST", "/v1/consumers/known/ack", #"{"sequence":-1}"#, 400, "at least 0"),
        ("POST", "/v1/consumers/known/ack", #"{"sequence":1.5}"#, 400, "whole number"),
        ("POST", "/v1/consumers/known/ack", #"{"ack":1}"#, 400, "no such member"),
        ("POST", "/v1/consumers/known", "", 405, "GET, HEAD, PUT, DELETE"),
        ("GET", "/v1/consumers/known/ack", "", 405, "POST"),
        ("HEAD", "/v1/consumers/known/ack", "", 405, ""),
        ("PUT", "/v1/consumers", "", 405, "GET, HEAD"),
        ("GET", "/v1/consumers/nobody/events", "", 404, "nobody"),
        ("GET", "/v1/consumers/known/nothing", "", 404, "nothing"),
    ])
    func `bad input says what is allowed`(
        method: String, path: String, body: String, code: Int, words: String
    ) async throws {
        try await TestGateway.with { gateway in
            _ = try await gateway.send("PUT", "/v1/consumers/known")
            let answer = try await gateway.send(method, path, body)
            #expect(answer.status == code)
            #expect(method == "HEAD" || answer.text.contains(#""kind":"Status""#))
            #expect(words.isEmpty || answer.text.contains(words))
            let list = try await gateway.get("/v1/consumers").text
            #expect(list.split(separator: "\"name\"").count == 2, "nothing was made")
        }
    }

    @Test func `there are no more consumers than the bound`() async throws {
        try await TestGateway.with { gateway in
            let registry = ConsumerRegistry(gateway.store, limit: 2)
            let everything = try ConsumerBody([])
            let anybody = try await gateway.anybody()
            _ = try await registry.put(try ConsumerName("a"), everything, by: anybody)
            _ = try await registry.put(try ConsumerName("b"), everything, by: anybody)
            let refusal = try await #require(throws: StatusResponse.self) {
                try await registry.put(try ConsumerName("c"), everything, by: anybody)
            }
            #expect(refusal.code == 409 && refusal.message.contains("events.maxConsumers"))
            let second = try await registry.put(try ConsumerName("b"), everything, by: anybody)
            #expect(second.isNew == false)
            _ = try await registry.delete(try ConsumerName("a"), by: anybody)
            #expect(try await registry.put(try ConsumerName("c"), everything, by: anybody).isNew)
        }
    }

    @Test func `a page of another site changes nothing`() async throws {
        try await TestGateway.with { gateway in
            let evil = ["Origin: http://evil.example", "Content-Length: 0"]
            for (method, path) in [
                ("PUT", "/v1/consumers/e"), ("DELETE", "/v1/consumers/e"),
                ("POST", "/v1/consumers/e/ack"),
            ] {
                let refusal = try await gateway.refusal(path, method: method, fields: evil)
                #expect(refusal.code == 403 && refusal.message.contains("evil.example"))
            }
            #expect(try await gateway.get("/v1/consumers").text == "{\"items\":[]}\n")
            let own = "Origin: http://127.0.0.1:\(gateway.server.port)"
            let made = try await gateway.send("PUT", "/v1/consumers/e", fields: [own])
            #expect(made.status == 201)
        }
    }
}
