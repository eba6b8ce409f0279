import LogModel
import Testing

@testable import Kubernetes

struct PodLogRequestTests {
    @Test func `asks for the whole log with timestamps by default`() {
        let request = PodLogRequest(namespace: "ns", pod: "p", container: "c")
        #expect(request.path == "/api/v1/namespaces/ns/pods/p/log")
        #expect(request.query == "container=c&timestamps=true")
    }

    @Test func `sends the time in whole seconds, rounded towards the past`() {
        let request = PodLogRequest(
            namespace: "ns", pod: "p", container: "c", follow: true, previous: true,
            timestamps: false, sinceTime: RFC3339.parse("2026-11-23T18:12:07.999999999Z"),
            tailLines: 0, limitBytes: 5)
        #expect(
            request.query == "container=c&follow=true&previous=true"
                + "&sinceTime=2026-11-23T18%3A12%3A07Z&tailLines=0&limitBytes=5")
    }

    @Test func `a name cannot leave its place in the URL`() {
        let request = PodLogRequest(namespace: "a/b", pod: "../x?y", container: "c&follow=true")
        #expect(request.path == "/api/v1/namespaces/a%2Fb/pods/..%2Fx%3Fy/log")
        #expect(request.query == "container=c%26follow%3Dtrue&timestamps=true")
    }
}
