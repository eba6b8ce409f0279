/// How probable each kind of fault is, for each request for a log and for each watch.
///
/// | written as | means |
/// | --- | --- |
/// | `none` | no faults |
/// | `all` | ``all`` |
/// | `cut=0.1,watch-410=0.05` | these kinds, with a probability from 0 to 1 each |
/// | `all,stall=0,removed=0.01` | the same, but for these |
package struct FaultMixture: Sendable, Equatable {
    /// What is wrong with a text that is no mixture: one sentence for each problem.
    package struct Problem: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// No faults.
    package static let none = FaultMixture(rates: [:])

    /// Every kind that leaves something to go on with; about every second request for a log fails.
    package static let all = FaultMixture(rates: [
        .cut: 0.12, .cutRotate: 0.04, .end: 0.08, .endRotate: 0.04, .stall: 0.03, .slow: 0.03,
        .text: 0.04, .status204: 0.02, .status400: 0.02, .status404: 0.03, .status429: 0.02,
        .status500: 0.03, .watchEnd: 0.3, .watchCut: 0.2, .watch410: 0.1,
    ])

    private var rates: [FaultKind: Double]

    private init(rates: [FaultKind: Double]) {
        self.rates = rates
    }

    /// How probable a kind is.
    package func rate(of kind: FaultKind) -> Double { rates[kind] ?? 0 }

    /// Whether nothing ever fails.
    package var isEmpty: Bool { rates.values.allSatisfy { $0 == 0 } }

    /// Reads a mixture.
    package init(_ text: String) throws(Problem) {
        self = .none
        var problems: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            switch part {
            case "none": rates = [:]
            case "all": rates = Self.all.rates
            default:
                let sides = part.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard let kind = FaultKind(rawValue: String(sides[0])) else {
                    problems.append("there is no fault '\(sides[0])'")
                    continue
                }
                guard sides.count == 2, let rate = Double(sides[1]), (0...1).contains(rate) else {
                    problems.append("'\(part)' needs a probability from 0 to 1 behind its =")
                    continue
                }
                rates[kind] = rate
            }
        }
        for (isOfWatches, name) in [(false, "log requests"), (true, "watches")]
        where sum(isOfWatches) > 1 {
            problems.append("the probabilities of faults of \(name) add up to more than 1")
        }
        guard problems.isEmpty else {
            let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(
                description: problems.joined(separator: "; ")
                    + ". Faults are none, all or NAME=RATE, separated by commas; names are \(names)"
            )
        }
    }

    /// Draws a kind, or nil for no fault.
    func draw(ofWatches isOfWatches: Bool, _ random: inout SeededRandom) -> FaultKind? {
        var rest = random.fraction()
        for kind in FaultKind.allCases where kind.isOfWatches == isOfWatches {
            rest -= rate(of: kind)
            if rest < 0 { return kind }
        }
        return nil
    }

    private func sum(_ isOfWatches: Bool) -> Double {
        // A hair of room: ten times 0.1 is not exactly 1.
        rates.reduce(-1e-9) { $0 + ($1.key.isOfWatches == isOfWatches ? $1.value : 0) }
    }
}
