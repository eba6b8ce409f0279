import LogModel
import Store
import Testing
import WebServer

@testable import Gateway

@Suite struct PodLogChoiceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: String?
        let query: String
        /// The attempt that is read, or the message of the refusal.
        let answer: String

        init(_ description: String, _ status: String?, _ answer: String) {
            self.init(description, status, "", answer)
        }

        init(_ description: String, _ status: String?, _ query: String, _ answer: String) {
            testDescription = description
            self.status = status
            self.query = query
            self.answer = answer
        }
    }

    private static let waiting = "container \"main\" in pod \"p\" is waiting to start"
    private static let noPrevious =
        "previous terminated container \"main\" in pod \"p\" not found"

    private static func waits(_ reason: String) -> String {
        PodText.status("main", #""state":{"waiting":{"reason":"\#(reason)"}}"#)
    }

    private func decide(
        _ text: String, query: String = "", isGone: Bool = false, _ streams: [StreamInfo]
    ) throws -> String {
        let request = try ServerRequest(target: "/x?\(query)")
        let parameters = try PodLogParameters(QueryParameters(request.query), pod: "p")
        switch try PodLogChoice.decide(
            PodText.pod(text), isGone: isGone, streams, parameters)
        {
        case .read(let streams):
            return streams.map { "\($0.id.container) \($0.id.attempt)" }.joined(separator: ",")
        case .notYet(_, let refusal): return "wait, then \(refusal.code)"
        case .refuse(let refusal): return refusal.message
        }
    }

    @Test(arguments: [
        Case("running", PodText.status("main", PodText.running), "main 0"),
        Case("ended", PodText.status("main", PodText.completed), "main 0"),
        Case("no status", nil, "container \"main\" in pod \"p\" is not available"),
        Case(
            "creating", waits("ContainerCreating"), "\(waiting): ContainerCreating"),
        Case("pulling failed", waits("ErrImagePull"), "\(waiting): image can't be pulled"),
        Case(
            "pulling fails", waits("ImagePullBackOff"),
            "\(waiting): trying and failing to pull image"),
        Case("unknown", PodText.status("main"), "\(waiting) - no logs yet"),
        Case("no previous", PodText.status("main", PodText.running), "previous=1", noPrevious),
        Case(
            "restarted", PodText.status("main", restarts: 2, PodText.running, PodText.last(1)),
            "main 2"),
        Case(
            "restarted, previous",
            PodText.status("main", restarts: 2, PodText.running, PodText.last(1)), "previous=1",
            "main 1"),
        Case(
            "between two starts",
            PodText.status("main", restarts: 2, PodText.backOff, PodText.last(1)),
            "main 2"),
        Case(
            "between two starts, previous",
            PodText.status("main", restarts: 2, PodText.backOff, PodText.last(1)), "previous=1",
            "main 2"),
        Case("waiting, previous", waits("ContainerCreating"), "previous=1", noPrevious),
        Case(
            "started, not followed", PodText.status("main", restarts: 7, PodText.running),
            "wait, then 503"),
    ])
    func `the instance is the one that the kubelet reads`(_ test: Case) throws {
        let text = PodText.object(statuses: test.status.map { [$0] } ?? [])
        let streams = (0...2).map { Samples.stream("u1", "main", $0) }
        #expect(try decide(text, query: test.query, streams) == test.answer)
    }

    @Test func `with several containers one must be named`() throws {
        let text = PodText.object(
            containers: ["a", "b"], initContainers: ["i"],
            statuses: [PodText.status("b", PodText.running)],
            initStatuses: [PodText.status("i", PodText.completed)])
        let streams = ["a", "b", "i"].map { Samples.stream("u1", $0) }
        #expect(
            try decide(text, streams)
                == "a container name must be specified for pod p, choose one of: [i a b]")
        #expect(try decide(text, query: "container=b", streams) == "b 0")
        #expect(try decide(text, query: "container=i", streams) == "i 0")
        #expect(
            try decide(text, query: "container=c", streams) == "container c is not valid for pod p")
    }

    @Test func `a Pod on no node is refused a wrong container all the same`() throws {
        let text = PodText.object(node: nil)
        #expect(try decide(text, query: "container=x", []) == "container x is not valid for pod p")
        #expect(throws: PodLogChoice.NotScheduled.self) { try decide(text, []) }
    }

    @Test(arguments: [
        ("ContainerCreating", "", "main 2"), ("ContainerCreating", "previous=1", "main 1"),
        ("CrashLoopBackOff", "", "main 2"), ("CrashLoopBackOff", "previous=1", "main 2"),
    ])
    func `what a kubelet says of a container at the end of its Pod is seen through`(
        reason: String, query: String, answer: String
    ) throws {
        let waiting = #""state":{"waiting":{"reason":"\#(reason)"}}"#
        let text = PodText.object(
            statuses: [PodText.status("main", restarts: 2, waiting, PodText.last(137))])
        let streams = (0...2).map { Samples.stream("u1", "main", $0) }
        #expect(try decide(text, query: query, isGone: true, streams) == answer)
    }

    @Test func `another Pod of the name is another`() throws {
        let text = PodText.object(uid: "u2", statuses: [PodText.status("main", PodText.running)])
        let other = [Samples.stream("u1", "main", 0)]
        #expect(try decide(text, other) == "wait, then 503")
        #expect(try decide(text, isGone: true, other).hasSuffix("was not captured"))
    }
}
