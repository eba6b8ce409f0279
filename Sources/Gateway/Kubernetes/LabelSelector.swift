/// A label selector: requirements that must all hold.
///
/// | form | holds when the label |
/// | --- | --- |
/// | `key=value`, `key==value`, `key in (a,b)` | has the value, one of the values |
/// | `key!=value`, `key notin (a,b)` | has another value, or is absent |
/// | `key`, `!key` | is there, is absent |
/// | `key>5`, `key<5` | is a whole number, and larger, smaller |
struct LabelSelector: Sendable, Equatable {
    /// One requirement.
    struct Requirement: Sendable, Equatable {
        /// What is required of the label.
        enum Condition: Sendable, Equatable {
            case among(Set<String>)
            case notAmong(Set<String>)
            case exists
            case absent
            case above(Int64)
            case below(Int64)
        }

        let key: String
        let condition: Condition

        /// Whether it holds for these labels.
        func holds(for labels: [String: String]) -> Bool {
            let value = labels[key]
            return switch condition {
            case .among(let values): value.map(values.contains) ?? false
            case .notAmong(let values): !(value.map(values.contains) ?? false)
            case .exists: value != nil
            case .absent: value == nil
            case .above(let bound): value.flatMap { Int64($0) }.map { $0 > bound } ?? false
            case .below(let bound): value.flatMap { Int64($0) }.map { $0 < bound } ?? false
            }
        }
    }

    /// What must hold.
    let requirements: [Requirement]

    /// Reads a selector; an empty one selects everything.
    ///
    /// - Throws: 400 in Kubernetes' words.
    init(_ text: String) throws(StatusResponse) {
        var parser = LabelSelectorParser(text)
        do {
            requirements = try parser.parse()
        } catch {
            throw .badRequest(error.message)
        }
    }

    /// Whether everything is selected.
    var isEmpty: Bool { requirements.isEmpty }

    /// Whether labels are selected.
    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.holds(for: labels) }
    }
}
