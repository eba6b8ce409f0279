import Foundation
import GRDB
import LogModel
import Testing

@testable import Store

@Suite struct WebhookPositionTests {
    @Test func `a position is there after reopening, and consumers do not see it`() async throws {
        let fixture = StoreFixture()
        let store = try fixture.open()
        let unknown = try await store.read { try $0.webhookPosition("engine") }
        #expect(unknown == nil)
        try await store.write { transaction in
            try transaction.upsert(
                ConsumerRow(
                    name: "engine", filter: Array("{}".utf8), acknowledged: 1,
                    createdAt: LogTime(seconds: 1)))
            try transaction.setWebhookPosition("engine", 6)
            try transaction.setWebhookPosition("engine", 7)
            try transaction.setWebhookPosition("other", 3)
        }
        await store.close()
        let again = try fixture.open()
        try await again.write { try $0.deleteConsumer("other") }
        let found = try await again.read { snapshot in
            (
                try snapshot.webhookPosition("engine"), try snapshot.webhookPosition("other"),
                try snapshot.consumers().map(\.acknowledged)
            )
        }
        #expect(found.0 == 7)
        #expect(found.1 == 3)
        #expect(found.2 == [1])
        await again.close()
        try fixture.remove()
    }

    @Test func `a database from before webhooks gets their table`() async throws {
        let fixture = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        try StoreSchema.migrator.migrate(queue, upTo: "1")
        try queue.close()
        let store = try fixture.open()
        try await store.write { try $0.setWebhookPosition("engine", 1) }
        await store.close()
        try fixture.remove()
    }
}
