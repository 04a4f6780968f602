namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>
/// Tables and queries of Orleans' AdoNet grain storage and reminders, in SQLite's words. The keys and parameter names
/// are Orleans'; no query holds a transaction of its own, since one left open by SQLITE_BUSY would poison its connection.
/// </summary>
internal static class OrleansSchema
{
    /// <summary>
    /// Makes the tables and replaces the queries. An integer or Guid key has no extension string, and NULLs are
    /// distinct in a unique index: it is stored as ''. A version starts at random, so that a row made anew never
    /// carries the etag of the one before; it stays below 2^31, which is all that Orleans reads.
    /// </summary>
    public const string Script = """
        CREATE TABLE IF NOT EXISTS OrleansQuery (QueryKey TEXT PRIMARY KEY, QueryText TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS OrleansStorage (
            GrainIdHash INTEGER NOT NULL, GrainIdN0 INTEGER NOT NULL, GrainIdN1 INTEGER NOT NULL,
            GrainTypeHash INTEGER NOT NULL, GrainTypeString TEXT NOT NULL, GrainIdExtensionString TEXT NOT NULL,
            ServiceId TEXT NOT NULL, PayloadBinary BLOB, Version INTEGER NOT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS OrleansStorageKey ON OrleansStorage (
            GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId);

        CREATE TABLE IF NOT EXISTS OrleansRemindersTable (
            ServiceId TEXT NOT NULL, GrainId TEXT NOT NULL, ReminderName TEXT NOT NULL, StartTime TEXT NOT NULL,
            Period INTEGER NOT NULL, GrainHash INTEGER NOT NULL, Version INTEGER NOT NULL,
            PRIMARY KEY (ServiceId, GrainId, ReminderName)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS OrleansRemindersHash ON OrleansRemindersTable (ServiceId, GrainHash);

        INSERT OR REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES
        ('ReadFromStorageKey', '
            SELECT PayloadBinary, Version FROM OrleansStorage
            WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
                AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND GrainTypeString = @GrainTypeString
                AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND ServiceId = @ServiceId'),
        ('WriteToStorageKey', '
            INSERT INTO OrleansStorage (
                GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString,
                ServiceId, PayloadBinary, Version)
            SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString,
                ifnull(@GrainIdExtensionString, ''''), @ServiceId, @PayloadBinary, 1 + abs(random() % 1000000000)
            WHERE @GrainStateVersion IS NULL OR EXISTS (
                SELECT 1 FROM OrleansStorage
                WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
                    AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND GrainTypeString = @GrainTypeString
                    AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND ServiceId = @ServiceId
                    AND Version = @GrainStateVersion)
            ON CONFLICT (
                GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
            DO UPDATE SET PayloadBinary = excluded.PayloadBinary, Version = OrleansStorage.Version % 2000000000 + 1
            WHERE OrleansStorage.Version = @GrainStateVersion
            RETURNING Version AS NewGrainStateVersion'),
        ('ClearStorageKey', '
            UPDATE OrleansStorage SET PayloadBinary = NULL, Version = Version % 2000000000 + 1
            WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
                AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND GrainTypeString = @GrainTypeString
                AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND ServiceId = @ServiceId
                AND Version = @GrainStateVersion
            RETURNING Version AS NewGrainStateVersion'),
        ('DeleteStorageKey', '
            DELETE FROM OrleansStorage
            WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
                AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1 AND GrainTypeString = @GrainTypeString
                AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND ServiceId = @ServiceId
                AND Version = @GrainStateVersion
            RETURNING Version + 1 AS NewGrainStateVersion'),
        ('UpsertReminderRowKey', '
            INSERT INTO OrleansRemindersTable (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 1 + abs(random() % 1000000000))
            ON CONFLICT (ServiceId, GrainId, ReminderName)
            DO UPDATE SET StartTime = excluded.StartTime, Period = excluded.Period, GrainHash = excluded.GrainHash,
                Version = OrleansRemindersTable.Version % 2000000000 + 1
            RETURNING Version'),
        ('ReadReminderRowsKey', '
            SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable
            WHERE ServiceId = @ServiceId AND GrainId = @GrainId'),
        ('ReadReminderRowKey', '
            SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable
            WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName'),
        ('ReadRangeRows1Key', '
            SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable
            WHERE ServiceId = @ServiceId AND GrainHash > @BeginHash AND GrainHash <= @EndHash'),
        ('ReadRangeRows2Key', '
            SELECT GrainId, ReminderName, StartTime, Period, Version FROM OrleansRemindersTable
            WHERE ServiceId = @ServiceId AND (GrainHash > @BeginHash OR GrainHash <= @EndHash)'),
        ('DeleteReminderRowKey', '
            DELETE FROM OrleansRemindersTable
            WHERE ServiceId = @ServiceId AND GrainId = @GrainId AND ReminderName = @ReminderName AND Version = @Version;
            SELECT changes()'),
        ('DeleteReminderRowsKey', 'DELETE FROM OrleansRemindersTable WHERE ServiceId = @ServiceId');
        """;
}
