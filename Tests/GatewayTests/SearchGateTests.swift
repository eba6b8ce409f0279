import Access
import Logging
import Testing

@testable import Gateway

/// How searches are counted.
@Suite struct SearchGateTests {
    private func status(_ gate: SearchGate, _ client: SearchGate.Client) -> Int? {
        do throws(StatusResponse) {
            _ = try gate.enter(client)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `callers behind one proxy have places of their own`() async throws {
        try await GuardedGateway.with { guarded in
            func client(_ token: String) async throws -> SearchGate.Client {
                SearchGate.Client(
                    try await guarded.access.caller(token: BearerToken(token)), address: "10.0.0.1")
            }
            let alice = try await client("alice-token")
            let bob = try await client("bob-token")
            #expect(alice == .user("alice") && bob == .user("bob"))
            let gate = SearchGate()
            let passes = try (0..<SearchGate.clientLimit).map { _ in try gate.enter(alice) }
            #expect(status(gate, alice) == 429)
            #expect(status(gate, bob) == nil)
            passes.first?.leave()
            #expect(status(gate, alice) == nil)
            withExtendedLifetime(passes) {}
        }
    }

    @Test func `where nobody is asked who they are, addresses have places`() async throws {
        let caller = try await AccessControl.open(logger: Logger(label: "test")).caller(token: nil)
        #expect(SearchGate.Client(caller, address: "10.0.0.1") == .address("10.0.0.1"))
    }
}
