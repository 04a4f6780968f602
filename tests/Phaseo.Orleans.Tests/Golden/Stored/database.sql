CREATE TABLE OrleansQuery (QueryKey TEXT PRIMARY KEY, QueryText TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE OrleansRemindersTable (
    ServiceId TEXT NOT NULL, GrainId TEXT NOT NULL, ReminderName TEXT NOT NULL, StartTime TEXT NOT NULL,
    Period INTEGER NOT NULL, GrainHash INTEGER NOT NULL, Version INTEGER NOT NULL,
    PRIMARY KEY (ServiceId, GrainId, ReminderName)) WITHOUT ROWID;
CREATE TABLE OrleansStorage (
    GrainIdHash INTEGER NOT NULL, GrainIdN0 INTEGER NOT NULL, GrainIdN1 INTEGER NOT NULL,
    GrainTypeHash INTEGER NOT NULL, GrainTypeString TEXT NOT NULL, GrainIdExtensionString TEXT NOT NULL,
    ServiceId TEXT NOT NULL, PayloadBinary BLOB, Version INTEGER NOT NULL);
CREATE TABLE batch_index (
    workspace TEXT NOT NULL, batch TEXT NOT NULL, version INTEGER NOT NULL, terminal INTEGER NOT NULL,
    status TEXT NOT NULL, session TEXT, metadata TEXT NOT NULL, snapshot BLOB NOT NULL,
    PRIMARY KEY (workspace, batch));
CREATE TABLE claims (
    key TEXT NOT NULL PRIMARY KEY, tag TEXT NOT NULL, expires INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE file_references (
    workspace TEXT NOT NULL, file TEXT NOT NULL, batch TEXT NOT NULL, added INTEGER NOT NULL,
    PRIMARY KEY (workspace, file, batch)) WITHOUT ROWID;
CREATE TABLE files (
    workspace TEXT NOT NULL, id TEXT NOT NULL, blob TEXT NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL,
    created INTEGER NOT NULL, expires INTEGER NOT NULL, filename TEXT NOT NULL, purpose TEXT NOT NULL,
    hidden INTEGER NOT NULL, dead_from INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)) WITHOUT ROWID;
CREATE TABLE open_batches (
    workspace TEXT NOT NULL, batch TEXT NOT NULL, file TEXT NOT NULL, created INTEGER NOT NULL,
    deadline INTEGER NOT NULL, heartbeat INTEGER NOT NULL,
    PRIMARY KEY (workspace, batch)) WITHOUT ROWID;
CREATE INDEX OrleansRemindersHash ON OrleansRemindersTable (ServiceId, GrainHash);
CREATE UNIQUE INDEX OrleansStorageKey ON OrleansStorage (
    GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId);
CREATE INDEX batch_index_session ON batch_index (workspace, session, batch) WHERE session IS NOT NULL;
CREATE INDEX batch_index_unfinished ON batch_index (workspace, batch) WHERE terminal = 0;
CREATE INDEX claims_expiry ON claims (expires);
CREATE INDEX files_blob ON files (workspace, blob);
CREATE INDEX files_dead ON files (dead_from, workspace, id);
INSERT INTO open_batches (workspace, batch, file, created, deadline, heartbeat) VALUES ('ws', 'batch_01jdfxk3w80000000000000000', 'file-1', 639311184000000000, 639312048000000000, 639311184050000000);
INSERT INTO files (workspace, id, blob, bytes, lines, created, expires, filename, purpose, hidden, dead_from) VALUES ('ws', 'file-1', 'ws/files/file-1', 1024, 12, 639311184000000000, 639337104000000000, 'zoë''s.jsonl', 'batch', 0, 639337104000000000);
INSERT INTO file_references (workspace, file, batch, added) VALUES ('ws', 'file-1', 'batch_01jdfxk3w80000000000000000', 639311184010000000);
INSERT INTO claims (key, tag, expires, content) VALUES ('ws:batches:00ff', 'tag-1', 639311193000000000, X'7B7D');
INSERT INTO batch_index (workspace, batch, version, terminal, status, session, metadata, snapshot) VALUES ('ws', 'batch_01jdfxk3w80000000000000000', 7, 1, 'completed', 'session-7', '{"customer":"Zo\u00EB \uD83E\uDD89"}', X'7B7D');
