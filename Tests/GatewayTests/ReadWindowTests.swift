import Testing

@testable import Gateway

@Suite struct ReadWindowTests {
    private struct Broken: Error {}

    /// What is taken from the front until there is nothing ready, with a word for why.
    private func drain(_ window: inout ReadWindow<String>) -> [String] {
        var taken: [String] = []
        while true {
            switch window.take() {
            case .piece(let piece, let bytes): taken.append("\(piece) of \(bytes)")
            case .unready: return taken + ["unready"]
            case .failed: return taken + ["failed"]
            case .empty: return taken + ["empty"]
            }
        }
    }

    private func expect(
        _ window: inout ReadWindow<String>, _ expected: [String],
        _ location: SourceLocation = #_sourceLocation
    ) {
        let taken = drain(&window)
        #expect(taken == expected, sourceLocation: location)
    }

    @Test func `pieces are taken in their order, in whatever order they become ready`() {
        var window = ReadWindow<String>()
        let numbers = (1...3).map { window.reserve(bytes: $0) }
        #expect(window.bytes == 6)
        let isAtFront = [2, 0, 1].map { window.fill(numbers[$0], .success("piece \($0)")) }
        #expect(isAtFront == [false, true, false], "only the front can be taken at once")
        expect(&window, ["piece 0 of 1", "piece 1 of 2", "piece 2 of 3", "empty"])
        #expect(window.bytes == 0)
        let next = window.reserve(bytes: 4)
        expect(&window, ["unready"])
        let isNextAtFront = window.fill(next, .success("next"))
        #expect(isNextAtFront)
        expect(&window, ["next of 4", "empty"])
    }

    @Test func `a failure comes behind all that was read before it, and stays`() {
        var window = ReadWindow<String>()
        let first = window.reserve(bytes: 1)
        let second = window.reserve(bytes: 0)
        _ = window.fill(second, .failure(Broken()))
        expect(&window, ["unready"])
        _ = window.fill(first, .success("first"))
        expect(&window, ["first of 1", "failed"])
        expect(&window, ["failed"])
    }

    @Test func `what becomes ready after the window was given up is dropped`() {
        var window = ReadWindow<String>()
        let number = window.reserve(bytes: 7)
        let given = window.removeAll()
        #expect(given == 7)
        let isLateTaken = window.fill(number, .success("late"))
        #expect(!isLateTaken)
        expect(&window, ["empty"])
        #expect(window.bytes == 0)
        let fresh = window.reserve(bytes: 1)
        _ = window.fill(fresh, .success("fresh"))
        expect(&window, ["fresh of 1", "empty"])
    }
}
