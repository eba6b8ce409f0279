import Foundation
import GRDB
import LogModel
import Testing

@testable import Store

@Suite("Databases of earlier versions")
struct MigrationTests {
    @Test("a job from before runs of workflows is the first attempt of its workflow's run")
    func workflowRuns() async throws {
        let fixture = StoreFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory, withIntermediateDirectories: false)
        let queue = try DatabaseQueue(path: fixture.directory + "/podwire.db")
        try StoreSchema.migrator.migrate(queue, upTo: "4 output counts")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO workflow (uid, namespace, name, status, createdAt)
                        VALUES ('ns/etl', 'ns', 'etl', 'running', 1);
                    INSERT INTO job (uid, namespace, workflow, name, status, createdAt)
                        VALUES ('u', 'ns', 'etl', 'load', 'running', 2);
                    INSERT INTO pod (uid, namespace, name, job, phase, createdAt)
                        VALUES ('u', 'ns', 'load', 1, 'Running', 2);
                    """)
        }
        try queue.close()
        let store = try fixture.open()
        let (jobs, workflows) = try await store.read { snapshot in
            (try snapshot.openJobs(), try snapshot.openWorkflows())
        }
        let job = try #require(jobs.first)
        #expect(jobs.count == 1)
        #expect(job.key == JobKey(namespace: "ns", workflow: "etl", job: "load"))
        #expect(job.run == "ns/etl" && job.attempt == 1)
        #expect(job.owner == nil && !job.isOwnerPresent)
        #expect(workflows.map(\.uid) == ["ns/etl"])
        #expect(workflows.first?.message == nil)
        let row = try await store.write { transaction in
            var next = job
            next.attempt = 2
            return try transaction.upsert(next)
        }
        #expect(row == job.id)
        #expect(try await store.read { try $0.job(uid: "u") }?.attempt == 2)
        await store.close()
        try fixture.remove()
    }
}
