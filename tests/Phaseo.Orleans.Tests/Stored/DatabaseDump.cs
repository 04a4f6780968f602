using System.Text;
using Microsoft.Data.Sqlite;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>A database as SQL: what makes its tables, and its rows.</summary>
internal static class DatabaseDump
{
    /// <summary>What makes all tables and indexes.</summary>
    public static string OfSchema(string path)
    {
        using var connection = Open(path);
        var text = new StringBuilder();
        foreach (var sql in Texts(connection, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name"))
        {
            text.Append(sql.ReplaceLineEndings("\n")).Append(";\n");
        }

        return text.ToString();
    }

    /// <summary>A table's rows.</summary>
    /// <param name="path">The database's file.</param>
    /// <param name="table">The table.</param>
    /// <param name="shown">What stands for the values of some columns.</param>
    public static string OfRows(string path, string table, params (string Column, string Text)[] shown)
    {
        using var connection = Open(path);
        var text = new StringBuilder();
        var columns = Texts(connection, $"SELECT name FROM pragma_table_info('{table}')");
        var values = columns.Select(column => shown.FirstOrDefault(one => one.Column == column).Text is { } stands ? $"quote('{stands}')" : $"quote({column})");
        foreach (var row in Texts(connection, $"SELECT {string.Join(" || ', ' || ", values)} FROM {table}"))
        {
            text.Append($"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({row});\n");
        }

        return text.ToString();
    }

    /// <summary>Runs statements in a database that others may have open; makes the database if it is not there.</summary>
    public static void Run(string path, string sql)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static List<string> Texts(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var texts = new List<string>();
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
