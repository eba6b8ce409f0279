import Foundation

/// Which fault each request for one instance's log gets: a pure value.
package struct FaultPlan: Sendable, Equatable {
    private enum Source: Sendable, Equatable {
        case script([LogFault])
        case mixture(FaultMixture, seed: UInt64)
    }

    /// No fault ever.
    package static let none = FaultPlan(script: [])

    private let source: Source

    /// The faults of `script`, one for each request in turn, and none behind them.
    package init(script: [LogFault]) {
        source = .script(script)
    }

    /// Faults that are drawn from `mixture`; the same for the same cluster, Pod, container and
    /// attempt.
    package init(_ mixture: FaultMixture, world: UInt64, instance: InstanceIdentity) {
        let pod = instance.pod
        let name =
            "faults/\(pod.namespace)/\(pod.name)/\(instance.container)/\(instance.attempt)"
        source = .mixture(mixture, seed: SeededRandom.seed(world, name))
    }

    /// The fault of request number `number`, counted from 0.
    package func fault(ofRequest number: Int) -> LogFault {
        switch source {
        case .script(let faults): return number < faults.count ? faults[number] : .ok
        case .mixture(let mixture, let seed):
            guard !mixture.isEmpty else { return .ok }
            var random = SeededRandom(seed: SeededRandom.mix(seed &+ UInt64(number)))
            return mixture.draw(ofWatches: false, &random).map { LogFault($0, &random) } ?? .ok
        }
    }
}

extension LogFault {
    /// Lines before a drawn fault: few as often as many.
    private static let mostLines = 4_096.0

    /// A fault of this kind, with figures that are drawn.
    fileprivate init(_ kind: FaultKind, _ random: inout SeededRandom) {
        let lines = Int(exp2(random.fraction() * log2(Self.mostLines))) - 1
        let share = random.fraction()
        switch kind {
        case .cut: self = .broken(.cut(rotates: false), after: lines)
        case .cutRotate: self = .broken(.cut(rotates: true), after: lines)
        case .end: self = .broken(.end(rotates: false), after: lines)
        case .endRotate: self = .broken(.end(rotates: true), after: lines)
        case .stall: self = .broken(.stall(.milliseconds(500 + Int(share * 4_500))), after: lines)
        case .text: self = .broken(.text, after: lines)
        case .removed: self = .broken(.removed, after: lines)
        case .nodeGone: self = .broken(.nodeGone, after: lines)
        case .slow: self = .slow(.milliseconds(200 + Int(share * 2_800)))
        case .status204: self = .refused(.noContent)
        case .status400: self = .refused(.waiting)
        case .status404: self = .refused(.unknownToKubelet)
        case .status429: self = .refused(.tooMany(retryAfterSeconds: 1 + Int(share * 2)))
        case .status500: self = .refused(.unreachable)
        case .watchEnd, .watchCut, .watch410: self = .ok
        }
    }
}
