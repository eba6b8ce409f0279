import Access
import WebServer

/// A request that was let through: who makes it, and what they must keep for as long as it lasts.
struct Admission: Sendable {
    /// Who makes it.
    let caller: Caller
    /// What they must be allowed to stay.
    let rights: [Right]

    /// Lets `caller` in for as long as they have `rights`, and their token counts.
    init(_ caller: Caller, rights: [Right]) {
        self.caller = caller
        self.rights = rights
    }

    /// Where nobody is asked who they are, there is nothing to look at again.
    var isWatched: Bool { caller.authentication != .none }

    /// The same request with one right more.
    func with(_ right: Right) -> Admission {
        Admission(caller, rights: rights + [right])
    }

    /// The same request with one right more, which its caller must have.
    ///
    /// - Throws: 401, 403 or 503; `pod` is named in its words.
    func requiring(_ right: Right, pod: String? = nil) async throws(StatusResponse) -> Admission {
        do throws(AccessError) {
            try await caller.require(right.permission, in: right.namespace)
        } catch {
            throw StatusResponse(error, pod: pod)
        }
        return with(right)
    }

    /// Looks again at what the caller must keep, behind a wait that may have lasted for hours.
    ///
    /// - Throws: 401, 403 or 503.
    func renew() async throws(StatusResponse) {
        guard isWatched else { return }
        do throws(AccessError) {
            try await caller.renew(rights)
        } catch {
            throw StatusResponse(error)
        }
    }

    /// `response`, which ends when its caller may not read on.
    func watching(_ response: ServerResponse) -> ServerResponse {
        guard isWatched else { return response }
        switch response {
        case .full: return response
        case .stream(let head, let source):
            return .stream(head, source: WatchedBody(source, self, head))
        case .sized(let head, let length, let source):
            return .sized(head, length: length, source: WatchedBody(source, self, head))
        }
    }

    /// `decision`, whose session ends when its caller may not stay.
    func watching(_ decision: UpgradeDecision) -> UpgradeDecision {
        guard isWatched, case .accept(let subprotocol, let session) = decision else {
            return decision
        }
        return .accept(subprotocol: subprotocol, WatchedSession(session, self))
    }
}
