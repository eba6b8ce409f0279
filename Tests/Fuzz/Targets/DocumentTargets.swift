import Foundation
import Kubernetes
import LogModel
import Logging
import StatusModel
import Store

@testable import Access
@testable import Capture
@testable import Gateway
@testable import Kubernetes
@testable import StatusFetcher

// JSON and YAML: what engines, consumers, the API server and the operator write.
extension FuzzTarget {
    /// The bodies of requests: a workflow's plan, a consumer's filter, an acknowledgement.
    static let bodies = FuzzTarget(
        name: "bodies",
        promise: "a plan is the same after a round trip; refusals are refusals of the request"
    ) { bytes in
        do throws(StatusResponse) {
            let plan = try PlanBody.read(bytes, namespace: "default", name: "w")
            let again = try? JSONDecoder().decode(
                WorkflowPlan.self, from: JSONEncoder().encode(plan))
            claim(again == plan, "another plan: \(plan)")
            for index in plan.stages.indices { _ = plan.needs(ofStage: index) }
        } catch {
            check(error)
        }
        do throws(StatusResponse) {
            let body = try ConsumerBody(bytes)
            claim(body.after ?? 0 >= 0, "a negative position")
            claim(body.filter.types?.isEmpty != true, "a consumer of nothing")
        } catch {
            check(error)
        }
        do throws(StatusResponse) {
            claim(try ConsumerBody.number("ack", in: bytes) >= 0, "a negative position")
        } catch {
            check(error)
        }
        do throws(StatusResponse) {
            let name = try ConsumerName(String(decoding: bytes, as: UTF8.self))
            claim(name.text.utf8.count <= ConsumerName.limit, "a long name")
        } catch {
            check(error)
        }
    }

    /// The body of a watch, and what its Pods and Jobs say of a job.
    static let watch = FuzzTarget(
        name: "watch",
        promise: "the lines do not depend on how the bytes arrive; no object can stop the watcher"
    ) { bytes in
        let whole = lines([bytes])
        claim(lines(Array(Pieces(bytes))) == whole, "other lines")
        for line in whole.lines {
            let decoder = JSONDecoder()
            switch try? decoder.decode(WatchEvent<Pod>.self, from: line) {
            case .added(let pod), .modified(let pod), .deleted(let pod): judge(pod)
            case .error, .bookmark, nil: break
            }
            switch try? decoder.decode(WatchEvent<BatchJob>.self, from: line) {
            case .added(let job), .modified(let job), .deleted(let job):
                _ = JobMapping().membership(of: job)
                _ = JobObject(job).deleted(at: LogTime(seconds: 0))
            case .error(let status): _ = WatchFailure(status, operation: "watch")
            case .bookmark, nil: break
            }
            _ = try? decoder.decode(ResourceList<Pod>.self, from: line)
            _ = KubernetesStatus.decode(Array(line))
        }
    }

    /// The file of static tokens.
    static let staticUsers = FuzzTarget(
        name: "static-users",
        promise: "a file is understood or refused, with the place named; a token has a digest"
    ) { bytes in
        do throws(StaticUsersError) {
            let users = try StaticUsersReader.read(String(decoding: bytes, as: UTF8.self))
            for user in users.users {
                claim(!user.tokens.isEmpty && !user.name.isEmpty, "a user without a token")
                claim(user.tokens.allSatisfy { $0.digest.count == 32 }, "a digest of another size")
            }
        } catch {
            claim(!error.reason.isEmpty, "a refusal without words")
        }
    }

    /// A kubeconfig.
    static let kubeconfig = FuzzTarget(
        name: "kubeconfig", promise: "a file is understood or refused, with the place named"
    ) { bytes in
        do throws(KubeconfigError) {
            let file = try KubeconfigFile(name: "/nowhere/config", bytes: bytes)
            let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
            let kubeconfig = Kubeconfig(files: [file], environment: [:], logger: logger)
            _ = try kubeconfig.access(context: nil)
        } catch {
            claim("\(error)".contains("/nowhere/config"), "no place: \(error)")
        }
    }
}

private func check(_ refusal: StatusResponse) {
    claim((400..<500).contains(refusal.code), "\(refusal)")
    claim(!refusal.headAndBody.body.isEmpty, "a refusal without words")
}

/// The lines of a watch whose bytes arrive in `pieces`, and how they end.
private func lines(_ pieces: [[UInt8]]) -> WatchLines {
    let limit = 2_048
    var result = WatchLines()
    do throws(WatchLineSplitter.Failure) {
        var splitter = WatchLineSplitter(limit: limit)
        for piece in pieces {
            splitter.append(piece)
            while let line = try splitter.next() {
                claim(line.count <= limit, "a line over the limit")
                result.lines.append(Data(line))
            }
        }
        try splitter.finish()
    } catch {
        result.failure = error
    }
    return result
}

private struct WatchLines: Equatable {
    var lines: [Data] = []
    var failure: WatchLineSplitter.Failure?
}

/// Everything that is read out of a Pod.
private func judge(_ pod: Pod) {
    let membership = JobMapping().membership(of: pod)
    let state = PodState(pod, membership)
    claim((state.outcome != nil) == state.hasEnded, "an outcome without an end: \(state)")
    _ = state.deleted(at: LogTime(seconds: 0))
    claim(SeenPod(pod).uid == pod.metadata.uid, "another Pod")
    _ = PodState(pod)
    for status in pod.status.containerStatuses + pod.status.initContainerStatuses {
        for attempt in 0..<2 { _ = InstanceState(attempt: attempt, of: status) }
    }
}
