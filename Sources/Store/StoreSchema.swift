import GRDB

/// The tables of `podwire.db`, and how older ones become these.
///
/// All times are nanoseconds since 1970. Text is UTF-8 but for `output.value` and log text, which
/// are bytes, and `podObject.object`, which is one zstd frame.
///
/// | table | one row a | key |
/// | --- | --- | --- |
/// | `workflow` | run of a workflow | `id`; `uid` unique |
/// | `job` | run of a job | `id`; `uid` unique |
/// | `pod` | Pod | `uid` |
/// | `container` | container of a Pod's spec | `podUID`, `name` |
/// | `stream` | container instance | `id`; `podUID`, `container`, `attempt` unique |
/// | `chunk` | piece of a stream's log | `id`; `stream`, `firstLine` unique |
/// | `gap` | gap record | `stream`, `line` |
/// | `output` | key of a job's outputs, its last value | `job`, `key` |
/// | `rejected` | `JOB_OUT` line that was refused, within ``OutputLimits`` | `job`, `stream`, `line` |
/// | `outputCount` | job that put something out: how much, see ``OutputTable`` | `job` |
/// | `event` | event | `sequence`, never reused |
/// | `consumer` | durable consumer | `name` |
/// | `podObject` | Pod: what was seen of its object last, see ``PodObjectRow`` | `version`; `uid` unique |
/// | `webhook` | webhook of the settings: the last event that its target has taken | `name` |
///
/// `chunk` in detail. A stream's chunks are contiguous from line 0 and byte 0; those that come
/// later in the stream have no smaller `firstLine`, `firstByte`, `firstNewline`, `maxTime`, so each
/// of these can be searched for by halving the range of line numbers.
///
/// | column | what |
/// | --- | --- |
/// | `stream` | the stream's `id` |
/// | `firstLine`, `lines` | number of the first line; how many lines |
/// | `firstByte`, `bytes` | offset of the text in the stream's log; its size when unpacked |
/// | `firstNewline` | newlines in the stream before this chunk |
/// | `isOpen` | 1 when the last line has no newline |
/// | `lastTime`, `maxTime` | timestamp of the last line; largest of the stream up to here |
/// | `kind` | 0 text, 1 gap record (one line; details in `gap`) |
/// | `text` | the lines with their newlines: one zstd frame with content size and checksum |
/// | `times` | their timestamps, see ``TimesCodec`` |
///
/// Rows are appended at the end of the table, wherever their stream's other rows are: a commit of
/// ten thousand streams touches a few hundred pages that way, not ten thousand.
enum StoreSchema {
    /// `Podw`, in the database's header: tells Podwire's databases from other programs'.
    static let applicationID: Int32 = 0x506f_6477

    /// Every version of the schema, oldest first. A version that was released is never edited.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: version1)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        // A table of their own: webhooks are named by the settings, consumers by their clients, and
        // neither may take, list or delete what belongs to the other.
        migrator.registerMigration("2 webhooks") { db in
            try db.execute(sql: webhooks)
        }
        migrator.registerMigration("4 output counts") { db in
            try db.execute(sql: outputCounts)
        }
        // Which run of a workflow a job belongs to, how often it has begun, and what its Job said.
        migrator.registerMigration("5 workflow runs") { db in
            try db.execute(sql: workflowRuns)
        }
        migrator.registerMigration("6 pod objects") { db in
            try db.execute(sql: podObjects)
            try PodObjectMigration.run(db)
        }
        migrator.registerMigration("7 half-deleted streams") { db in
            try db.execute(sql: halfDeletedStreams)
        }
        return migrator
    }

    private static let version1 = """
        CREATE TABLE workflow (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL,
            name TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, reason TEXT, plan BLOB,
            createdAt INTEGER NOT NULL, startedAt INTEGER, endedAt INTEGER
        );
        CREATE INDEX workflowByName ON workflow (namespace, name);

        CREATE TABLE job (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL,
            workflow TEXT NOT NULL, stage TEXT, name TEXT NOT NULL, status TEXT NOT NULL,
            outcome TEXT, reason TEXT, message TEXT, exitCode INTEGER,
            createdAt INTEGER NOT NULL, startedAt INTEGER, endedAt INTEGER, outputToken TEXT
        );
        CREATE INDEX jobByName ON job (namespace, name);
        CREATE INDEX jobByWorkflow ON job (namespace, workflow);
        CREATE INDEX jobNotEnded ON job (id) WHERE status <> 'end';

        CREATE TABLE pod (
            uid TEXT PRIMARY KEY NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
            job INTEGER, node TEXT, phase TEXT NOT NULL, createdAt INTEGER NOT NULL,
            deletedAt INTEGER, defaultContainer TEXT, state BLOB
        ) WITHOUT ROWID;
        CREATE INDEX podByName ON pod (namespace, name);
        CREATE INDEX podByJob ON pod (job);
        CREATE INDEX podPresent ON pod (job) WHERE deletedAt IS NULL;

        CREATE TABLE container (
            podUID TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
            position INTEGER NOT NULL, PRIMARY KEY (podUID, name)
        ) WITHOUT ROWID;

        CREATE TABLE stream (
            id INTEGER PRIMARY KEY AUTOINCREMENT, podUID TEXT NOT NULL, container TEXT NOT NULL,
            attempt INTEGER NOT NULL, namespace TEXT NOT NULL, pod TEXT NOT NULL,
            kind TEXT NOT NULL, job INTEGER, state TEXT NOT NULL DEFAULT 'live',
            openedAt INTEGER NOT NULL, startedAt INTEGER, endedAt INTEGER, exitCode INTEGER,
            reason TEXT, deletedAt INTEGER, UNIQUE (podUID, container, attempt)
        );
        CREATE INDEX streamByPod ON stream (namespace, pod);
        CREATE INDEX streamByJob ON stream (job);
        CREATE INDEX streamByEnd ON stream (endedAt) WHERE deletedAt IS NULL;

        CREATE TABLE chunk (
            id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, firstLine INTEGER NOT NULL,
            lines INTEGER NOT NULL, firstByte INTEGER NOT NULL, bytes INTEGER NOT NULL,
            firstNewline INTEGER NOT NULL, isOpen INTEGER NOT NULL, lastTime INTEGER NOT NULL,
            maxTime INTEGER NOT NULL, kind INTEGER NOT NULL, times BLOB NOT NULL,
            text BLOB NOT NULL
        );
        CREATE UNIQUE INDEX chunkByLine ON chunk (stream, firstLine);

        CREATE TABLE gap (
            stream INTEGER NOT NULL, line INTEGER NOT NULL, certainty TEXT NOT NULL,
            "from" INTEGER, "to" INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY (stream, line)
        ) WITHOUT ROWID;

        CREATE TABLE output (
            job INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
            stream INTEGER NOT NULL, line INTEGER NOT NULL, sequence INTEGER NOT NULL,
            PRIMARY KEY (job, key)
        );

        CREATE TABLE rejected (
            job INTEGER NOT NULL, stream INTEGER NOT NULL, line INTEGER NOT NULL,
            reason TEXT NOT NULL, PRIMARY KEY (job, stream, line)
        ) WITHOUT ROWID;

        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,
            type TEXT NOT NULL, namespace TEXT NOT NULL, workflow TEXT NOT NULL,
            job TEXT NOT NULL, data BLOB NOT NULL
        );

        CREATE TABLE consumer (
            name TEXT PRIMARY KEY NOT NULL, filter BLOB NOT NULL,
            acknowledged INTEGER NOT NULL, createdAt INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    private static let workflowRuns = """
        ALTER TABLE workflow ADD COLUMN message TEXT;
        ALTER TABLE job ADD COLUMN run TEXT;
        ALTER TABLE job ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE job ADD COLUMN owner BLOB;
        ALTER TABLE job ADD COLUMN isOwnerPresent INTEGER NOT NULL DEFAULT 0;
        UPDATE job SET run = namespace || '/' || workflow;
        CREATE INDEX jobByRun ON job (run);
        CREATE INDEX jobOwnerPresent ON job (id) WHERE isOwnerPresent = 1;
        """

    /// `first` is NULL where it is the row's own version. `labels` and `object` come last: rows that
    /// are only counted or passed over are read up to there.
    private static let podObjects = """
        CREATE TABLE podObject (
            version INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER, uid TEXT NOT NULL UNIQUE,
            namespace TEXT NOT NULL, name TEXT NOT NULL, createdAt INTEGER NOT NULL,
            goneAt INTEGER, clusterVersion TEXT NOT NULL, job TEXT, isDeleted INTEGER NOT NULL,
            labels BLOB NOT NULL, object BLOB NOT NULL
        );
        CREATE INDEX podObjectByName ON podObject (namespace, name, createdAt, uid);
        CREATE INDEX podObjectByJob ON podObject (namespace, job) WHERE job IS NOT NULL;
        CREATE INDEX podObjectGone ON podObject (goneAt) WHERE isDeleted = 0 AND goneAt IS NOT NULL;
        CREATE INDEX podObjectDeleted ON podObject (version) WHERE isDeleted = 1;
        """

    /// Rows of streams stay when their lines are deleted: by `deletedAt` alone there are ever more to
    /// look at.
    private static let halfDeletedStreams = """
        ALTER TABLE stream ADD COLUMN isHalfDeleted INTEGER NOT NULL DEFAULT 0;
        UPDATE stream SET isHalfDeleted = 1 WHERE deletedAt IS NOT NULL
            AND EXISTS (SELECT 1 FROM chunk WHERE chunk.stream = stream.id);
        CREATE INDEX streamHalfDeleted ON stream (id) WHERE isHalfDeleted = 1;
        """

    private static let webhooks = """
        CREATE TABLE webhook (
            name TEXT PRIMARY KEY NOT NULL, acknowledged INTEGER NOT NULL
        ) WITHOUT ROWID;
        """

    private static let outputCounts = """
        CREATE TABLE outputCount (
            job INTEGER PRIMARY KEY, keys INTEGER NOT NULL, bytes INTEGER NOT NULL,
            rejected INTEGER NOT NULL
        );
        INSERT INTO outputCount (job, keys, bytes, rejected)
            SELECT job, count(*), sum(length(value) + length(CAST(key AS BLOB))), 0
            FROM output GROUP BY job;
        INSERT INTO outputCount (job, keys, bytes, rejected)
            SELECT job, 0, 0, count(*) FROM rejected WHERE true GROUP BY job
            ON CONFLICT (job) DO UPDATE SET rejected = excluded.rejected;
        """
}
