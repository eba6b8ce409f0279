import Kubernetes

/// What a response to a log request means, by the table of Kubernetes' answers.
///
/// | situation | answer | meaning |
/// | --- | --- | --- |
/// | there is a log | 200 | ``body`` |
/// | Pod not scheduled | 204 | ``notStarted`` |
/// | container waiting | 400 `… is waiting to start: …` | ``notStarted`` |
/// | `previous`, and there is none | 400 `previous terminated container … not found` | ``nothingKept`` |
/// | wrong container name, other 400, 422 | 400 `container x is not valid for pod p` | ``refused`` |
/// | no permission | 401, 403 | ``forbidden`` |
/// | Pod object gone | 404, kind `pods` | ``podGone`` |
/// | kubelet does not know it yet, or has forgotten it | 404, kind `pods/log` | ``unknownToKubelet`` |
/// | node object gone | 404, kind `nodes` | ``nodeGone`` |
/// | too many requests | 429, or any answer with `Retry-After` | ``busy`` |
/// | kubelet out of reach, proxies' errors | 500 and all else | ``failed`` |
package enum LogAnswer: Sendable, Equatable {
    case body
    case notStarted(String)
    case nothingKept(String)
    case refused(String)
    case forbidden(String)
    case podGone
    case unknownToKubelet
    case nodeGone(String)
    case busy(after: Duration)
    case failed(String)

    /// Judges an answer by its status code, its body, and its `Retry-After` field, which counts up to
    /// ``KubernetesError/longestWait``: it holds up all new follows.
    package init(code: Int, body: [UInt8], retryAfter: String?) {
        let status = KubernetesStatus.decode(body)
        self.init(
            code: code, kind: status?.details?.kind,
            message: status?.message ?? String(decoding: body.prefix(300), as: UTF8.self),
            retryAfter: KubernetesError.wait(retryAfter: retryAfter, status))
    }

    /// Judges an answer by its status code, the `Status` object in it, and the wait it asks for.
    package init(code: Int, kind: String?, message: String, retryAfter: Duration?) {
        switch code {
        case 200: self = .body
        case 204: self = .notStarted("the Pod is not scheduled")
        case 400
        where message.contains("is waiting to start")
            || message.contains("is not available") || message.contains("does not have a host"):
            self = .notStarted(message)
        case 400 where message.contains("previous terminated container"):
            self = .nothingKept(message)
        case 400, 422: self = .refused(message)
        case 401, 403: self = .forbidden(message)
        case 404 where kind == "pods": self = .podGone
        case 404 where kind == "nodes" || message.hasPrefix("nodes "): self = .nodeGone(message)
        case 404: self = .unknownToKubelet
        case 429: self = .busy(after: retryAfter ?? .seconds(1))
        default:
            if let retryAfter {
                self = .busy(after: retryAfter)
            } else {
                self = .failed("\(code) \(message)")
            }
        }
    }
}

/// What an error text of the kubelet in a 200 body means.
package enum KubeletText: Sendable, Equatable {
    /// The runtime has no log of the instance: it is lost.
    case logRemoved
    /// The node is short of something, or the text is not known: ask again later.
    case failed(String)

    /// Judges text that came without a timestamp.
    package init(_ text: String) {
        self = text.contains("unable to retrieve container logs") ? .logRemoved : .failed(text)
    }
}
