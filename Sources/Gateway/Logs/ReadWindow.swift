/// Pieces of a log that were read ahead, in the order of their lines, though they become ready in any
/// order: pure.
struct ReadWindow<Piece> {
    /// What is at the front.
    enum Front {
        /// A piece, and the bytes that it was counted with.
        case piece(Piece, bytes: Int)
        /// It is not ready yet.
        case unready
        /// It cannot be had. It stays at the front.
        case failed(any Error)
        /// There is nothing.
        case empty
    }

    private struct Place {
        let bytes: Int
        var result: Result<Piece, any Error>?
    }

    private var places: [Place] = []
    /// The number of the place at the front; places are numbered for good.
    private var front = 0
    /// Bytes of all pieces, also of those that are not ready.
    private(set) var bytes = 0

    /// Takes a place behind all others for a piece of `bytes`; returns its number.
    mutating func reserve(bytes: Int) -> Int {
        places.append(Place(bytes: bytes))
        self.bytes += bytes
        return front + places.count - 1
    }

    /// Puts a piece in its place; `true` when that is at the front.
    mutating func fill(_ number: Int, _ result: Result<Piece, any Error>) -> Bool {
        guard places.indices.contains(number - front) else { return false }
        places[number - front].result = result
        return number == front
    }

    /// Takes the piece at the front, if it is ready.
    mutating func take() -> Front {
        guard let place = places.first else { return .empty }
        switch place.result {
        case .success(let piece):
            places.removeFirst()
            front += 1
            bytes -= place.bytes
            return .piece(piece, bytes: place.bytes)
        case .failure(let error): return .failed(error)
        case nil: return .unready
        }
    }

    /// Gives up all places; returns the bytes of their pieces.
    mutating func removeAll() -> Int {
        front += places.count
        places = []
        defer { bytes = 0 }
        return bytes
    }
}
