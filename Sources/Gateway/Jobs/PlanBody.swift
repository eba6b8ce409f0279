import FoundationEssentials
import StatusModel

/// The body of `PUT /v1/workflows/{ns}/{name}`: a ``WorkflowPlan``.
enum PlanBody {
    /// Reads a body.
    ///
    /// - Throws: 400 for what is no plan at all, 422 for a plan that cannot mean anything, with each
    ///   of its problems.
    static func read(
        _ body: [UInt8], namespace: String, name: String
    ) throws(StatusResponse) -> WorkflowPlan {
        let plan: WorkflowPlan
        do {
            plan = try JSONDecoder().decode(WorkflowPlan.self, from: Data(body))
        } catch let error as WorkflowPlan.UnsupportedValue {
            let cause = StatusResponse.Cause(
                reason: "FieldValueNotSupported", message: error.message, field: path(error.path))
            throw .invalid(kind: "Workflow", name: name, causes: [cause])
        } catch let error as DecodingError {
            throw .badRequest("the body is no workflow: \(sentence(error))")
        } catch {
            throw .badRequest("the body is no workflow: \(error)")
        }
        var causes = plan.problems().map { problem in
            StatusResponse.Cause(
                reason: "FieldValueInvalid", message: problem.message, field: problem.field)
        }
        for (field, value) in [("namespace", namespace), ("name", name)]
        where !WorkflowPlan.isName(value) {
            causes.append(
                StatusResponse.Cause(
                    reason: "FieldValueInvalid",
                    message: "give letters, digits, or any of . _ ( ) - behind the first",
                    field: field))
        }
        guard causes.isEmpty else {
            throw .invalid(kind: "Workflow", name: name, causes: causes)
        }
        return plan
    }

    /// `stages[0].name: a text is expected`.
    private static func sentence(_ error: DecodingError) -> String {
        let (context, last): (DecodingError.Context, (any CodingKey)?)
        switch error {
        case .keyNotFound(let key, let found): (context, last) = (found, key)
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            (context, last) = (found, nil)
        @unknown default: return "\(error)"
        }
        let path = path(context.codingPath + (last.map { [$0] } ?? []))
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }

    /// `stages[0].name`.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}

extension StatusResponse {
    /// What an engine is told of a refusal.
    init(_ refusal: WorkflowRefusal) {
        switch refusal.kind {
        case .unknown:
            self.init(code: 404, reason: "NotFound", message: refusal.description)
        case .conflict: self = .conflict(refusal.description)
        }
    }
}
