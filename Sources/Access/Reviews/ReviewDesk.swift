/// Asks the same question once: answers are kept for a while, and those who ask while a question is
/// out wait for its answer.
///
/// Good and bad answers have tables of their own, so that a flood of wrong tokens pushes no good one
/// out. What fails is not kept. A question goes on when those who asked it have gone: it is bounded
/// in time by who answers it.
actor ReviewDesk<Key: Hashable & Sendable, Answer: Sendable> {
    /// Answers kept of each kind, 4,096: some hundred bytes each. Beyond it the oldest goes.
    static var tableLimit: Int { 4_096 }
    /// Questions that are out at a time, 64: what one process asks of an API server that has others
    /// to serve. Beyond it callers are told to come back, but for those of whom the last answer was
    /// good, of whom there may be as many again: a flood of wrong tokens does not shut them out.
    static var questionLimit: Int { 64 }

    private let keepsGood: Duration
    private let keepsBad: Duration
    private let isGood: @Sendable (Answer) -> Bool
    private let now: @Sendable () -> ContinuousClock.Instant
    private var good = ExpiringTable<Key, Answer>(limit: tableLimit)
    private var bad = ExpiringTable<Key, Answer>(limit: tableLimit)
    private var questions: [Key: Task<Result<Answer, AccessError>, Never>] = [:]

    /// Keeps answers that are good for `keepsGood`, and others for `keepsBad`.
    init(
        keepsGood: Duration, keepsBad: Duration, isGood: @escaping @Sendable (Answer) -> Bool,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.keepsGood = keepsGood
        self.keepsBad = keepsBad
        self.isGood = isGood
        self.now = now
    }

    /// The answer for `key`, from memory or by `ask`.
    func answer(
        _ key: Key, ask: @escaping @Sendable () async throws(AccessError) -> Answer
    ) async throws(AccessError) -> Answer {
        let now = now()
        if let known = good.value(key, now: now) ?? bad.value(key, now: now) { return known }
        if let question = questions[key] { return try await question.value.get() }
        let limit = Self.questionLimit * (good.remembers(key) ? 2 : 1)
        guard questions.count < limit else {
            throw .unavailable("too many questions to the API server are out: come back later")
        }
        // Unstructured: the answer is for all who ask, whoever of them stays.
        let question = Task<Result<Answer, AccessError>, Never> {
            do throws(AccessError) {
                return .success(try await ask())
            } catch {
                return .failure(error)
            }
        }
        questions[key] = question
        let result = await question.value
        questions[key] = nil
        if case .success(let answer) = result { keep(answer, key) }
        return try result.get()
    }

    private func keep(_ answer: Answer, _ key: Key) {
        if isGood(answer) {
            good.set(key, answer, expiry: now() + keepsGood)
        } else {
            bad.set(key, answer, expiry: now() + keepsBad)
        }
    }
}
