import Testing
import WebServer

@testable import Gateway

@Suite struct RouteTests {
    @Test(arguments: [
        ("/logs/ns/p", Route.log(LogTarget(namespace: "ns", pod: "p", container: nil))),
        ("/logs/ns/p/c", .log(LogTarget(namespace: "ns", pod: "p", container: "c"))),
        ("/logs/ns", .nothing), ("/logs", .nothing), ("/logs/a/b/c/d", .nothing),
        ("/v1/jobs", .jobs), ("/v1/jobs/", .jobs),
        ("/v1/jobs/ns/j", .job(JobReference(namespace: "ns", job: "j"))),
        ("/v1/jobs/ns/j/outputs", .outputs(JobReference(namespace: "ns", job: "j"))),
        ("/v1/jobs/ns/w/j", .job(JobReference(namespace: "ns", workflow: "w", job: "j"))),
        (
            "/v1/jobs/ns/w/j/outputs",
            .outputs(JobReference(namespace: "ns", workflow: "w", job: "j"))
        ),
        ("/v1/jobs/ns/w/j/x", .nothing), ("/v1/jobs/ns", .nothing), ("/v1", .nothing),
        ("/v1/workflows", .workflows),
        ("/v1/workflows/ns/w", .workflow(namespace: "ns", name: "w")),
        ("/v1/consumers", .consumers), ("/v1/consumers/c", .consumer("c")),
        ("/v1/consumers/c/events", .consumerEvents("c")),
        ("/v1/consumers/c/ack", .acknowledgement("c")), ("/v1/consumers/c/x", .nothing),
        ("/v1/events", .events), ("/v1/event", .nothing),
        ("/healthz", .health), ("/readyz", .readiness),
        ("/metrics", .metrics), ("/metrics/x", .file(["metrics", "x"])),
        ("/healthz/x", .file(["healthz", "x"])),
        ("/", .file([])), ("/view/rows.js", .file(["view", "rows.js"])),
    ])
    func `a path has one route`(path: String, route: Route) throws {
        #expect(Route(try Samples.request(path).segments) == route)
    }
}
