import Logging
import Synchronization
import Testing

@testable import Kubernetes

struct FileCredentialsTests {
    /// A clock that stands still until it is moved.
    final class ManualClock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
    }

    let folder: TemporaryFolder
    let clock = ManualClock()

    init() throws {
        folder = try TemporaryFolder()
    }

    func credentials(token: String) -> FileCredentials {
        FileCredentials(
            fixed: Credential(), files: FileCredentials.Paths(token: token),
            logger: Logger(label: "test"), now: { [clock] in clock.now })
    }

    @Test func `a token is read again after a minute`() async throws {
        let path = try folder.write("one\n", to: "token")
        let credentials = credentials(token: path)
        #expect(try await credentials.authorization().authorization == "Bearer one")
        try folder.write("two\n", to: "token")
        #expect(try await credentials.authorization().authorization == "Bearer one")
        clock.advance(.seconds(61))
        #expect(try await credentials.authorization().authorization == "Bearer two")
    }

    @Test func `a refused token is read again at once`() async throws {
        let path = try folder.write("one", to: "token")
        let credentials = credentials(token: path)
        let used = try await credentials.authorization()
        try folder.write("two", to: "token")
        await credentials.invalidate(used)
        #expect(try await credentials.authorization().authorization == "Bearer two")
    }

    @Test func `the last token is used while the file is away`() async throws {
        let path = try folder.write("one", to: "token")
        let credentials = credentials(token: path)
        #expect(try await credentials.authorization().authorization == "Bearer one")
        try folder.remove("token")
        clock.advance(.seconds(61))
        #expect(try await credentials.authorization().authorization == "Bearer one")
    }

    @Test func `a missing or empty token file is an error with its path`() async throws {
        let missing = credentials(token: "\(folder.path)/none")
        await #expect(throws: KubeconfigError.self) { try await missing.authorization() }
        let path = try folder.write(" \n", to: "token")
        await #expect(throws: CredentialFileError(path: path)) {
            try await credentials(token: path).authorization()
        }
    }
}
