import LogModel
import Store
import Testing

@testable import Gateway

@Suite struct StreamChoiceTests {
    private func decide(
        _ view: PodView, container: String? = nil, _ query: String = ""
    ) throws -> StreamChoice.Decision {
        let target = LogTarget(namespace: "default", pod: "p", container: container)
        return StreamChoice.decide(target, try Samples.parameters(query), view)
    }

    private func view(pods: [PodRow] = [], streams: [StreamInfo] = []) -> PodView {
        var view = PodView()
        view.pods = pods
        view.streams = streams
        return view
    }

    private func names(_ decision: StreamChoice.Decision) -> [String]? {
        guard case .read(let streams) = decision else { return nil }
        return streams.map(\.id.description)
    }

    private func refusal(_ decision: StreamChoice.Decision) -> StatusResponse? {
        guard case .refuse(let refusal) = decision else { return nil }
        return refusal
    }

    private func patience(_ decision: StreamChoice.Decision) -> StreamChoice.Patience? {
        guard case .notYet(let patience, _) = decision else { return nil }
        return patience
    }

    @Test func `an unknown Pod is waited for as long as asked`() throws {
        guard case .notYet(.asAsked, let refusal) = try decide(view()) else {
            Issue.record("expected a wait")
            return
        }
        #expect(refusal.code == 404)
        #expect(refusal.message == "pods \"p\" not found")
        #expect(refusal.details == StatusResponse.Details(name: "p", kind: "pods"))
    }

    @Test func `a Pod that has not started is waited for while it exists`() throws {
        let pending = view(pods: [Samples.pod(phase: "Pending")])
        #expect(patience(try decide(pending)) == .whilePodExists)
    }

    @Test func `a Pod that ended without a log is waited for as long as asked`() throws {
        let failed = view(pods: [Samples.pod(phase: "Failed")])
        #expect(patience(try decide(failed)) == .asAsked)
        let deleted = view(pods: [Samples.pod(deletedAt: LogTime(seconds: 9))])
        #expect(patience(try decide(deleted)) == .since(LogTime(seconds: 9)))
    }

    @Test func `the newest Pod of a name answers and uid picks another`() throws {
        let two = view(
            pods: [Samples.pod("u2"), Samples.pod("u1")],
            streams: [Samples.stream("u1"), Samples.stream("u2")])
        #expect(names(try decide(two)) == ["u2/main/0"])
        #expect(names(try decide(two, "uid=u1")) == ["u1/main/0"])
        #expect(patience(try decide(two, "uid=u9")) == .asAsked)
    }

    @Test func `the annotation names the container then the first main one does`() throws {
        let containers = [
            ContainerRow(name: "setup", kind: .`init`), ContainerRow(name: "proxy", kind: .sidecar),
            ContainerRow(name: "a", kind: .main), ContainerRow(name: "b", kind: .main),
        ]
        let streams = containers.map { Samples.stream("u1", $0.name, kind: $0.kind) }
        var pod = Samples.pod(containers: containers)
        #expect(names(try decide(view(pods: [pod], streams: streams))) == ["u1/a/0"])
        pod.defaultContainer = "b"
        #expect(names(try decide(view(pods: [pod], streams: streams))) == ["u1/b/0"])
        pod.defaultContainer = "missing"
        #expect(names(try decide(view(pods: [pod], streams: streams))) == ["u1/a/0"])
        let setup = try decide(view(pods: [pod], streams: streams), container: "setup")
        #expect(names(setup) == ["u1/setup/0"])
    }

    @Test func `a container that the Pod does not have is refused in Kubernetes' words`() throws {
        let decision = try decide(view(pods: [Samples.pod()]), container: "x")
        #expect(refusal(decision)?.code == 400)
        #expect(refusal(decision)?.message == "container x is not valid for pod p")
    }

    @Test func `attempts are chosen by number, as all, and as the one before`() throws {
        let three = view(
            pods: [Samples.pod()],
            streams: [2, 0, 1].map { Samples.stream("u1", "main", $0) })
        #expect(names(try decide(three)) == ["u1/main/2"])
        #expect(names(try decide(three, "attempt=0")) == ["u1/main/0"])
        #expect(names(try decide(three, "previous")) == ["u1/main/1"])
        #expect(
            names(try decide(three, "attempt=all")) == ["u1/main/0", "u1/main/1", "u1/main/2"])
        #expect(patience(try decide(three, "attempt=3")) == .whilePodExists)
    }

    @Test func `a missing previous instance is refused in Kubernetes' words`() throws {
        let one = view(pods: [Samples.pod()], streams: [Samples.stream()])
        let decision = try decide(one, "previous")
        #expect(refusal(decision)?.code == 400)
        #expect(
            refusal(decision)?.message
                == "previous terminated container \"main\" in pod \"p\" not found")
    }

    @Test func `an attempt that was never captured is not waited for`() throws {
        let late = view(pods: [Samples.pod()], streams: [Samples.stream("u1", "main", 4)])
        #expect(refusal(try decide(late, "attempt=1"))?.code == 404)
    }

    @Test func `a log that retention deleted is gone`() throws {
        let gone = view(
            pods: [Samples.pod()], streams: [Samples.stream(deletedAt: LogTime(seconds: 5))])
        #expect(refusal(try decide(gone))?.code == 410)
    }

    @Test func `streams are enough where the Pod's row is missing`() throws {
        let orphan = view(streams: [
            Samples.stream("u1", "setup", kind: .`init`), Samples.stream("u1", "main"),
        ])
        #expect(names(try decide(orphan)) == ["u1/main/0"])
    }
}
