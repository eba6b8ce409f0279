import Foundation
import LogModel
import Testing

@testable import Kubernetes

struct PodDecodingTests {
    func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static let full = """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"ns","uid":"u",
        "resourceVersion":"7","labels":{"a":"b"},"annotations":{"c":"d"},
        "creationTimestamp":"2026-11-23T00:00:00Z","deletionTimestamp":"2026-11-23T00:00:30Z",
        "deletionGracePeriodSeconds":30,"managedFields":[{"manager":"x","fieldsV1":{"f:a":{}}}],
        "ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"j","uid":"ju",
        "controller":true,"blockOwnerDeletion":true}]},
        "spec":{"nodeName":"n","restartPolicy":"Never","activeDeadlineSeconds":60,
        "initContainers":[{"name":"side","restartPolicy":"Always"},{"name":"first","image":"i"}],
        "containers":[{"name":"main","image":"busybox","env":[{"name":"A","value":"1"}]}],
        "ephemeralContainers":[{"name":"debug"}]},
        "status":{"phase":"Running","reason":"R","message":"M","startTime":"2026-11-23T00:00:01Z",
        "conditions":[{"type":"Ready","status":"False","reason":"X","message":"Y",
        "lastTransitionTime":null}],
        "containerStatuses":[{"name":"main","restartCount":2,"containerID":"containerd://1",
        "state":{"running":{"startedAt":"2026-11-23T00:00:02Z"}},
        "lastState":{"terminated":{"exitCode":137,"signal":9,"reason":"OOMKilled","message":"m",
        "startedAt":"2026-11-23T00:00:02Z","finishedAt":"2026-11-23T00:00:03Z",
        "containerID":"containerd://0"}}}],
        "initContainerStatuses":[{"name":"first","restartCount":0,
        "state":{"waiting":{"reason":"PodInitializing"}},"lastState":{}}]}}
        """

    @Test func `a Pod whose deletion is centuries away does not end the watch`() throws {
        let text = Self.full
            .replacingOccurrences(of: "2026-11-23T00:00:30Z", with: "2311-11-23T00:00:30Z")
            .replacingOccurrences(
                of: "\"deletionGracePeriodSeconds\":30",
                with: "\"deletionGracePeriodSeconds\":9000000000")
        let pod = try decode(Pod.self, text)
        #expect(pod.metadata.deletionTimestamp == RFC3339.parse("2261-12-31T23:59:59Z"))
    }

    @Test func `reads all that is used and skips the rest`() throws {
        let pod = try decode(Pod.self, Self.full)
        #expect(pod.metadata.labels == ["a": "b"])
        #expect(pod.metadata.annotations == ["c": "d"])
        #expect(pod.metadata.deletionTimestamp == RFC3339.parse("2026-11-23T00:00:30Z"))
        #expect(pod.metadata.deletionGracePeriodSeconds == 30)
        #expect(
            pod.metadata.ownerReferences == [
                Pod.OwnerReference(apiVersion: "batch/v1", kind: "Job", name: "j", uid: "ju")
            ])
        #expect(pod.spec.nodeName == "n")
        #expect(pod.spec.activeDeadlineSeconds == 60)
        #expect(pod.status.startTime == RFC3339.parse("2026-11-23T00:00:01Z"))
        #expect(
            pod.status.conditions == [
                Pod.Condition(type: "Ready", status: "False", reason: "X", message: "Y")
            ])
        let main = try #require(pod.status.containerStatuses.first)
        #expect(main.restartCount == 2)
        #expect(main.state == .running(startedAt: RFC3339.parse("2026-11-23T00:00:02Z")))
        guard case .terminated(let end) = main.lastState else {
            Issue.record("the last state is \(main.lastState)")
            return
        }
        #expect(end.exitCode == 137 && end.signal == 9 && end.reason == "OOMKilled")
        #expect(end.containerID == "containerd://0")
    }

    @Test func `containers come as init, sidecar, main, ephemeral`() throws {
        let containers = try decode(Pod.self, Self.full).containers
        #expect(containers.map(\.name) == ["first", "side", "main", "debug"])
        #expect(containers.map(\.kind) == [.`init`, .sidecar, .main, .ephemeral])
        #expect(containers[0].status?.state == .waiting(reason: "PodInitializing", message: nil))
        #expect(containers[0].status?.lastState == .unknown)
        #expect(containers[1].status == nil)
        #expect(containers[2].status?.containerID == "containerd://1")
    }

    @Test func `a Pod may have little but a name`() throws {
        let pod = try decode(Pod.self, "{\"metadata\":{\"name\":\"p\",\"labels\":null}}")
        #expect(pod == Pod(metadata: Pod.Metadata(name: "p", namespace: "", uid: "")))
    }

    @Test(arguments: [
        "{}", "{\"metadata\":{\"name\":7}}",
        "{\"metadata\":{\"name\":\"p\",\"creationTimestamp\":\"yesterday\"}}",
    ])
    func `a wrong type is an error`(text: String) {
        #expect(throws: DecodingError.self) { try decode(Pod.self, text) }
    }

    @Test func `reads every type of watch event`() throws {
        let pod = PodTexts.pod("p", version: 3)
        let event = { (text: String) in try self.decode(WatchEvent<Pod>.self, text) }
        let decoded = try decode(Pod.self, pod)
        #expect(try event(PodTexts.event("ADDED", pod)) == .added(decoded))
        #expect(try event(PodTexts.event("MODIFIED", pod)) == .modified(decoded))
        #expect(try event(PodTexts.event("DELETED", pod)) == .deleted(decoded))
        #expect(try event(PodTexts.bookmark(9)) == .bookmark(resourceVersion: "9"))
        guard
            case .error(let status) = try event(
                PodTexts.event("ERROR", PodTexts.status(410, "Expired")))
        else {
            Issue.record("no error event")
            return
        }
        #expect(status.isExpired)
        #expect(throws: DecodingError.self) { try event(PodTexts.event("OTHER", pod)) }
    }

    @Test func `a status is told from any other body`() {
        let text = PodTexts.status(
            429, "TooManyRequests", details: "{\"kind\":\"pods/log\",\"retryAfterSeconds\":3}")
        let status = KubernetesStatus.decode(Array(text.utf8))
        #expect(status?.code == 429)
        #expect(status?.details?.kind == "pods/log")
        #expect(status?.details?.retryAfterSeconds == 3)
        for other in [
            "", "<html>", "{}", "{\"kind\":\"Pod\"}", "{\"kind\":\"Status\",\"code\":\"x\"}",
        ] {
            #expect(KubernetesStatus.decode(Array(other.utf8)) == nil)
        }
        for reason in ["Expired", "Gone"] {
            #expect(KubernetesStatus(reason: reason).isExpired)
        }
    }
}
