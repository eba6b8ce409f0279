/// Which fault each request for one instance's log gets: a pure value.
package struct FaultPlan: Sendable, Equatable {
    /// No fault ever.
    package static let none = FaultPlan(script: [])

    private let script: [LogFault]

    /// The faults of `script`, one for each request in turn, and none behind them.
    package init(script: [LogFault]) {
        self.script = script
    }

    /// The fault of request number `number`, counted from 0.
    package func fault(ofRequest number: Int) -> LogFault {
        number < script.count ? script[number] : .ok
    }
}
