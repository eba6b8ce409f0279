import Foundation
import Logging
import Synchronization
import Testing

@testable import Access

@Suite struct StaticUsersFileTests {
    private final class Fixture: Sendable {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("podwire-tokens-\(UUID().uuidString)").path
        private let time = Mutex(ContinuousClock.now)
        let entries = Mutex<[String]>([])

        deinit { unlink(path) }

        static func text(_ names: String...) -> String {
            "users:\n"
                + names.map {
                    "- {name: \($0), tokens: [{token: token-of-\($0)-0123456789abcdef}]}\n"
                }
                .joined()
        }

        func write(_ text: String, mode: mode_t = 0o600) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            chmod(path, mode)
        }

        func pass(_ duration: Duration) { time.withLock { $0 += duration } }

        func open() throws -> StaticUsersFile {
            let logger = Logger(label: "test") { _ in Recorder(fixture: self) }
            return try StaticUsersFile(
                path, logger: logger, now: { self.time.withLock { $0 } })
        }
    }

    /// Keeps what is logged.
    private struct Recorder: LogHandler {
        let fixture: Fixture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            fixture.entries.withLock {
                $0.append("\(event.level): \(event.message) \(event.metadata ?? [:])")
            }
        }
    }

    private func names(_ file: StaticUsersFile) -> [String] { file.users().users.map(\.name) }

    @Test func `a changed file is read again`() throws {
        let fixture = Fixture()
        try fixture.write(Fixture.text("a"))
        let file = try fixture.open()
        #expect(names(file) == ["a"])
        try fixture.write(Fixture.text("a", "b"))
        #expect(names(file) == ["a"], "it is looked at once a second")
        fixture.pass(.seconds(1))
        #expect(names(file) == ["a", "b"])
    }

    @Test func `a file that cannot be used is logged once, and the last good one goes on`() throws {
        let fixture = Fixture()
        try fixture.write(Fixture.text("a"))
        let file = try fixture.open()
        try fixture.write("users: [{name: b, tokens: [{token: tooshort}]}]")
        for _ in 0..<3 {
            fixture.pass(.seconds(1))
            #expect(names(file) == ["a"])
        }
        let entries = fixture.entries.withLock { $0 }
        #expect(entries.count == 1)
        #expect(entries.first?.contains("the last good one goes on") == true)
        #expect(entries.first?.contains("tooshort") == false)
        try fixture.write(Fixture.text("c"))
        fixture.pass(.seconds(1))
        #expect(names(file) == ["c"])
    }

    @Test func `a file that is gone leaves what was read`() throws {
        let fixture = Fixture()
        try fixture.write(Fixture.text("a"))
        let file = try fixture.open()
        unlink(fixture.path)
        fixture.pass(.seconds(1))
        #expect(names(file) == ["a"])
        try fixture.write(Fixture.text("b"))
        fixture.pass(.seconds(1))
        #expect(names(file) == ["b"])
    }

    @Test(
        arguments: [
            (0o600, true), (0o400, true), (0o640, true), (0o440, true), (0o644, false),
            (0o604, false), (0o660, false), (0o602, false), (0o777, false),
        ] as [(mode_t, Bool)])
    func `others may not read the file, nor the group write it`(
        mode: mode_t, isAllowed: Bool
    ) throws {
        let fixture = Fixture()
        try fixture.write(Fixture.text("a"), mode: mode)
        if isAllowed {
            #expect(names(try fixture.open()) == ["a"])
        } else {
            let error = try #require(throws: StaticUsersError.self) { try fixture.open() }
            #expect(error.description.contains("0\(String(mode, radix: 8))"))
        }
    }

    @Test func `a link to a file that is replaced is followed`() throws {
        let first = Fixture()
        let second = Fixture()
        try first.write(Fixture.text("a"))
        try second.write(Fixture.text("b"))
        let fixture = Fixture()
        symlink(first.path, fixture.path)
        let file = try fixture.open()
        #expect(names(file) == ["a"])
        unlink(fixture.path)
        symlink(second.path, fixture.path)
        fixture.pass(.seconds(1))
        #expect(names(file) == ["b"])
    }

    @Test func `a file that is not there is named`() throws {
        let error = try #require(throws: StaticUsersError.self) { try Fixture().open() }
        #expect(error.description.contains("podwire-tokens-"))
    }
}
