using System.Text;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>The tables of the embedded home, and a row in each of ours.</summary>
public sealed class StoredDatabaseTests
{
    private const string Golden = "database.sql";
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly OpenBatch Open = new("ws", BatchScenes.Id, "file-1", BatchScenes.At(0), BatchScenes.At(86400), BatchScenes.At(5));

    private static readonly FileRecord File = new(
        "ws", "file-1", "ws/files/file-1", 1024, 12, BatchScenes.At(0), BatchScenes.At(2592000), "zoë's.jsonl", "batch", Hidden: false);

    private static readonly FileReference Reference = new("ws", "file-1", BatchScenes.Id, BatchScenes.At(1));

    private static readonly ClaimRow Claim = new("ws:batches:00ff", "tag-1", BatchScenes.At(900), Encoding.UTF8.GetBytes("{}"));

    private static readonly BatchIndexRow Listed = new(
        "ws",
        BatchScenes.Id,
        7,
        Terminal: true,
        "completed",
        "session-7",
        new Dictionary<string, string> { ["customer"] = "Zoë 🦉" },
        Encoding.UTF8.GetBytes("{}"));

    [Fact]
    public async Task Rows_are_stored_as_the_golden_has_them()
    {
        using var copy = new TempFolder();
        await using (var home = new EmbeddedHome())
        {
            await home.Open.AddAsync(Open, None);
            await home.Files.CreateAsync(File, None);
            await home.References.AddAsync(Reference, None);
            await home.Claims.WriteAsync(Claim, null, None);
            await home.Index.UpsertAsync(Listed, None);
            DatabaseDump.Run(Database(home.Folder), $"VACUUM INTO '{Database(copy.Path)}'");
        }

        string[] tables = ["open_batches", "files", "file_references", "claims", "batch_index"];
        var rows = tables.Select(table => DatabaseDump.OfRows(Database(copy.Path), table));
        StoredGolden.Check(Golden, DatabaseDump.OfSchema(Database(copy.Path)) + string.Concat(rows));
    }

    [Fact]
    public async Task Rows_of_every_golden_are_read()
    {
        foreach (var golden in StoredGolden.ReadAll(Golden))
        {
            await using var home = new EmbeddedHome(folder => DatabaseDump.Run(Database(folder), golden));

            Assert.Equal(Open, Assert.Single(await home.Open.ListAsync(null, None).ToListAsync(None)));
            Assert.Equal(File, await home.Files.GetAsync("ws", "file-1", None));
            Assert.Equal(Reference, Assert.Single(await home.References.ListAsync(BatchScenes.At(2), None).ToListAsync(None)));
            Assert.Equivalent(Claim, await home.Claims.GetAsync(Claim.Key, None), strict: true);
            Assert.Equivalent(Listed, Assert.Single(await home.Index.ListAsync(new("ws", 10, null, [], "session-7", Listed.Metadata), None)), strict: true);
        }
    }

    private static string Database(string folder) => Path.Combine(folder, "phaseo.db");
}
