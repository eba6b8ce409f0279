/// What goes wrong with one watch.
///
/// | kind | what happens after 2 to 10 s |
/// | --- | --- |
/// | `watch-end` | a clean end |
/// | `watch-cut` | the connection is cut |
/// | `watch-410` | an `ERROR` event with a Status 410, and a clean end |
package struct WatchFault: Sendable, Equatable {
    /// The kind.
    package let kind: FaultKind
    /// How long the watch lives.
    package let after: Duration

    /// The fault of watch number `number` of a cluster, counted from 0; nil for none.
    package init?(_ mixture: FaultMixture, world: UInt64, watch number: Int) {
        guard !mixture.isEmpty else { return nil }
        let seed = SeededRandom.seed(world, "faults/watches")
        var random = SeededRandom(seed: SeededRandom.mix(seed &+ UInt64(number)))
        guard let kind = mixture.draw(ofWatches: true, &random) else { return nil }
        self.kind = kind
        after = .milliseconds(2_000 + Int(random.fraction() * 8_000))
    }
}
