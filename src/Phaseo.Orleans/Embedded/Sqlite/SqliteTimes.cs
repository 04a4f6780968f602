using Microsoft.Data.Sqlite;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>Times in the database: 100 ns ticks of UTC, so that what comes back equals what went in.</summary>
internal static class SqliteTimes
{
    /// <summary>The time in a column.</summary>
    public static DateTimeOffset GetTime(this SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);
}
