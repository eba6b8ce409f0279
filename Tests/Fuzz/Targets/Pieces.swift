/// Cuts bytes into pieces of random sizes: the same bytes always in the same way.
struct Pieces: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>
    private var dice: Dice

    /// Cuts `bytes`; another `round` cuts them in another way.
    init(_ bytes: [UInt8], round: UInt64 = 0) {
        rest = bytes[...]
        dice = Dice(bytes, round: round)
    }

    mutating func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let most = [1, 2, 17, 300, rest.count][dice.roll(5)]
        let piece = rest.prefix(1 + dice.roll(most))
        rest = rest.dropFirst(piece.count)
        return Array(piece)
    }
}

/// Numbers that look random and come from an input alone, so that a finding can be repeated.
struct Dice {
    private var state: UInt64

    /// Dice for an input.
    init(_ bytes: [UInt8], round: UInt64 = 0) {
        state = bytes.reduce(0xcbf2_9ce4_8422_2325 ^ round) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
    }

    /// A number from 0 to below `sides`.
    mutating func roll(_ sides: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(Swift.max(1, sides)))
    }
}
