import Synchronization

// Room in the lane's queue: who wants to append reserves it, and waits for it in line.
extension WriterLane {
    /// Reserves room in the queue; waits for it.
    nonisolated(nonsending) func reserve(_ cost: Int) async throws {
        let isReserved = try queue.withLock { queue in
            if queue.isStopping { throw Self.closed }
            return queue.reserve(cost, limit: settings.queueBytes)
        }
        if isReserved { return }
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<Bool, any Error> = queue.withLock { queue in
                if queue.isStopping { return .failure(Self.closed) }
                if queue.reserve(cost, limit: settings.queueBytes) { return .success(true) }
                queue.wait(
                    LaneQueue.RoomWaiter(bytes: cost, since: .now, continuation: continuation))
                return .success(false)
            }
            switch outcome {
            case .success(true): continuation.resume()
            case .success(false):
                raise()
                watchRooms()
            case .failure(let error): continuation.resume(throwing: error)
            }
        }
    }

    /// Sends those away who have waited too long for room, for as long as anyone waits.
    ///
    /// The lane's thread cannot do it: it may hang in a write. So this is a task of its own, at most
    /// one, which ends when nobody waits; a stopping lane tells the rest by itself.
    private func watchRooms() {
        let isNew = queue.withLock { queue in
            defer { queue.hasRoomWatch = true }
            return !queue.hasRoomWatch
        }
        guard isNew else { return }
        // It sleeps on when the one it looks after has got room, and must not keep a closed lane.
        Task { [weak self, timeout = settings.roomTimeout] in
            while let oldest = self?.nextRoom() {
                do {
                    try await ContinuousClock().sleep(until: oldest + timeout)
                } catch {
                    preconditionFailure("nobody cancels the watch")
                }
                guard let self else { return }
                sendAway(since: .now - timeout, with: crowded)
            }
        }
    }

    /// Since when someone waits for room; `nil` ends the watch.
    private func nextRoom() -> ContinuousClock.Instant? {
        queue.withLock { queue in
            if queue.oldestRoom == nil { queue.hasRoomWatch = false }
            return queue.oldestRoom
        }
    }

    /// Tells those who have waited for room since `deadline` that they get none.
    func sendAway(since deadline: ContinuousClock.Instant, with error: StoreError) {
        let waiters = queue.withLock { $0.expireRooms(since: deadline) }
        for waiter in waiters { waiter.continuation.resume(throwing: error) }
    }

    private var crowded: StoreError {
        StoreError(
            "append", .full, path: "",
            lastError ?? "there was no room in the queue for \(settings.roomTimeout)")
    }

    /// Gives reserved room back.
    func release(_ cost: Int) {
        let ready = queue.withLock { $0.release(cost, limit: settings.queueBytes) }
        for waiter in ready { waiter.continuation.resume() }
    }
}
