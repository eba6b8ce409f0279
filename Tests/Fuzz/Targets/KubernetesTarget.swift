import Foundation
import Kubernetes
import LogModel
import Store
import WebServer

@testable import Gateway
@testable import Kubernetes

// What kubectl and other clients of the Kubernetes API ask for.
extension FuzzTarget {
    /// A label selector, a field selector, a `continue` token, an `Accept` header and any number of
    /// parameters `name=value`, with a NUL between them.
    static let kubernetes = FuzzTarget(
        name: "kubernetes",
        promise: "a selector selects what a plain reading of it says; numbers are in bounds"
    ) { bytes in
        let texts = bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        func text(_ index: Int) -> String { index < texts.count ? texts[index] : "" }
        checkLabels(text(0))
        checkFields(text(1))
        checkToken(text(2))
        refusing { () throws(StatusResponse) in
            _ = try AcceptedForm(text(3), types: ["text/plain"])
        }
        let items = texts.dropFirst(4).map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
        }
        checkParameters(QueryParameters(items))
    }
}

/// A refusal is one of the request, with words.
private func refusing(_ body: () throws(StatusResponse) -> Void) {
    do throws(StatusResponse) {
        try body()
    } catch {
        claim((400..<500).contains(error.code), "\(error)")
        claim(!error.headAndBody.body.isEmpty, "a refusal without words")
    }
}

private func checkLabels(_ text: String) {
    let plain = PlainSelector(text)
    refusing { () throws(StatusResponse) in
        do throws(StatusResponse) {
            let selector = try LabelSelector(text)
            let again = try LabelSelector(selector.requirements.map(written).joined(separator: ","))
            claim(again == selector, "\(selector) from \(text), \(again)")
            for labels in labelSamples(selector) {
                _ = selector.matches(labels)
                guard let plain else { continue }
                claim(
                    selector.matches(labels) == plain.matches(labels),
                    "\(text) and \(labels): \(selector)")
            }
        } catch {
            claim(plain == nil, "\(text) is refused: \(error.message)")
            throw error
        }
    }
}

/// Labels with and without each of a selector's keys.
private func labelSamples(_ selector: LabelSelector) -> [[String: String]] {
    var samples: [[String: String]] = [[:]]
    let keys = selector.requirements.prefix(8).map(\.key)
    for value in ["", "a", "b", "5", "-7", "9223372036854775807"] {
        samples.append(Dictionary(keys.map { ($0, value) }) { $1 })
    }
    samples += keys.map { [$0: "a"] }
    return samples
}

private func written(_ requirement: LabelSelector.Requirement) -> String {
    let key = requirement.key
    return switch requirement.condition {
    case .among(let values): "\(key) in (\(values.sorted().joined(separator: ",")))"
    case .notAmong(let values): "\(key) notin (\(values.sorted().joined(separator: ",")))"
    case .exists: key
    case .absent: "!\(key)"
    case .above(let bound): "\(key)>\(bound)"
    case .below(let bound): "\(key)<\(bound)"
    }
}

/// The common forms of a label selector, read as plainly as can be: nothing but letters and digits
/// beside the signs, and blanks between them.
private struct PlainSelector {
    private let requirements: [@Sendable ([String: String]) -> Bool]

    /// `nil` for what is none of these forms; that may be a selector all the same.
    init?(_ text: String) {
        var requirements: [@Sendable ([String: String]) -> Bool] = []
        var rest = Array(text.utf8)[...]
        while true {
            guard let requirement = Self.requirement(&rest) else { return nil }
            requirements.append(requirement)
            if Self.take("", &rest), rest.isEmpty { break }
            guard Self.take(",", &rest) else { return nil }
        }
        self.requirements = requirements
    }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0(labels) }
    }

    private static func requirement(
        _ rest: inout ArraySlice<UInt8>
    ) -> (@Sendable ([String: String]) -> Bool)? {
        let isAbsent = take("!", &rest)
        let key = word(&rest)
        guard (1...63).contains(key.count) else { return nil }
        if isAbsent { return { $0[key] == nil } }
        if take("==", &rest) || take("=", &rest) {
            guard let value = value(&rest) else { return nil }
            return { $0[key] == value }
        }
        if take("!=", &rest) {
            guard let value = value(&rest) else { return nil }
            return { $0[key] != value }
        }
        let sign = word(&rest)
        if sign.isEmpty { return { $0[key] != nil } }
        guard sign == "in" || sign == "notin", take("(", &rest) else { return nil }
        var values: Set<String> = []
        repeat { values.insert(word(&rest)) } while take(",", &rest)
        guard take(")", &rest), values.allSatisfy({ $0.count <= 63 }) else { return nil }
        let chosen = values
        return { labels in (labels[key].map(chosen.contains) ?? false) == (sign == "in") }
    }

    /// Takes blanks, and what is behind them if it is `text`.
    private static func take(_ text: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
        rest = rest.drop { " \t\r\n".utf8.contains($0) }
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private static func value(_ rest: inout ArraySlice<UInt8>) -> String? {
        let value = word(&rest)
        return value.count > 63 ? nil : value
    }

    private static func word(_ rest: inout ArraySlice<UInt8>) -> String {
        _ = take("", &rest)
        let word = rest.prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
        rest = rest.dropFirst(word.count)
        return String(decoding: word, as: UTF8.self)
    }
}

private func checkFields(_ text: String) {
    refusing { () throws(StatusResponse) in
        let selector = try FieldSelector(text)
        let values = [
            "metadata.name": "a", "metadata.namespace": "n", "status.phase": "Running",
            "spec.nodeName": "node1", "spec.hostNetwork": "false",
        ]
        let object =
            "{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\"},"
            + "\"spec\":{\"nodeName\":\"node1\"},\"status\":{\"phase\":\"Running\"}}"
        guard let pod = try? JSONDecoder().decode(Pod.self, from: Data(object.utf8)) else {
            claim(false, "no Pod: \(object)")
            return
        }
        let isSelected = text.split(separator: ",").allSatisfy { part in
            guard let sign = part.firstRange(of: "=") else { return false }
            let isUnequal = part[..<sign.lowerBound].hasSuffix("!")
            let field = part[..<sign.lowerBound].filter { $0 != "!" }
            let value = part[sign.upperBound...]
            let wanted = !isUnequal && value.hasPrefix("=") ? value.dropFirst() : value
            return (values[String(field)] ?? "" == String(wanted)) != isUnequal
        }
        claim(selector.matches(pod) == isSelected, "\(text): \(!isSelected)")
    }
}

private func checkToken(_ text: String) {
    refusing { () throws(StatusResponse) in
        let token = try ContinueToken(text)
        guard let key = token.key else {
            claim(false, "a token without a place: \(text)")
            return
        }
        claim(!key.namespace.contains("/") && !key.name.contains("/"), "\(key)")
        let again = try ContinueToken(ContinueToken(version: token.rv, behind: key).text)
        claim(again == token, "\(token) from \(text), \(again)")
    }
}

private func checkParameters(_ query: QueryParameters) {
    refusing { () throws(StatusResponse) in
        let parameters = try PodLogParameters(query, pod: "p")
        let log = parameters.log
        for (number, name, least) in [
            (log.tailLines, "tailLines", 0), (log.limitBytes, "limitBytes", 1),
        ] {
            claim(number == query.text(name).flatMap { Int($0) }, "another \(name): \(log)")
            claim(number ?? least >= least, "\(name): \(log)")
        }
        claim(parameters.container?.isEmpty != true, "an empty container")
        let now = LogTime(seconds: 1_795_458_620)
        if case .seconds? = log.since, let since = log.sinceTime(now: now) {
            claim(since < now, "since \(since)")
        }
        if case .time(let time)? = log.since {
            claim(time.nanoseconds.isMultiple(of: 1_000_000_000), "a part of a second: \(time)")
        }
    }
    refusing { () throws(StatusResponse) in
        let watch = try PodWatchRequest(query)
        claim((.seconds(1)...(.seconds(3_600))).contains(watch.duration), "\(watch)")
        claim(watch.version ?? 1 > 0, "\(watch)")
    }
    refusing { () throws(StatusResponse) in
        _ = try PodSelection(namespace: nil, query).query
    }
}
