package import StatusModel

extension StatusFetcher: WorkflowControl {
    package func declare(
        _ plan: WorkflowPlan, namespace: String, name: String
    ) async throws -> Bool {
        try await carryOut(
            EngineOrder.Request(namespace: namespace, name: name, action: .declare(plan)))
    }

    package func carryOut(
        _ command: WorkflowCommand, namespace: String, name: String
    ) async throws {
        _ = try await carryOut(
            EngineOrder.Request(namespace: namespace, name: name, action: .command(command)))
    }
}
