using System.Globalization;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IFileRecords"/> does.</summary>
public abstract class FileRecordsConformance : StorageConformance
{
    private static readonly DateTimeOffset T0 = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(67);

    private IFileRecords Files => Home.Files;

    [Fact]
    public async Task Record_comes_back_as_it_went_in()
    {
        var record = Record(1) with { Filename = "../ä\r\n\"x\".jsonl", Bytes = 1L << 40, Lines = 1L << 33 };

        Assert.True(await Files.CreateAsync(record, Cancel));
        await Home.ReopenAsync();

        Assert.Equal(record, await Files.GetAsync(Workspace, Id(1), Cancel));
    }

    [Fact]
    public async Task Second_create_is_refused_and_leaves_the_first()
    {
        await Files.CreateAsync(Record(1), Cancel);

        Assert.False(await Files.CreateAsync(Record(1) with { Filename = "other" }, Cancel));
        Assert.Equal(Record(1), await Files.GetAsync(Workspace, Id(1), Cancel));
    }

    [Fact]
    public async Task Unknown_or_foreign_record_is_null()
    {
        await Files.CreateAsync(Record(1), Cancel);

        Assert.Null(await Files.GetAsync(Workspace, Id(2), Cancel));
        Assert.Null(await Files.GetAsync(Workspace + "x", Id(1), Cancel));
    }

    [Fact]
    public async Task Hidden_record_can_be_read_but_is_not_listed()
    {
        await Files.CreateAsync(Record(1), Cancel);

        Assert.True(await Files.HideAsync(Workspace, Id(1), Cancel));

        Assert.False(await Files.HideAsync(Workspace, Id(1), Cancel));
        Assert.Equal(Record(1) with { Hidden = true }, await Files.GetAsync(Workspace, Id(1), Cancel));
        Assert.Empty(await Files.ListAsync(Query(), Cancel));
    }

    [Fact]
    public async Task Hiding_what_is_not_there_is_false()
    {
        Assert.False(await Files.HideAsync(Workspace, Id(1), Cancel));
        Assert.Null(await Files.GetAsync(Workspace, Id(1), Cancel));
    }

    [Fact]
    public async Task Record_is_listed_until_its_expiry()
    {
        await Files.CreateAsync(Record(1), Cancel);
        var expiry = Record(1).ExpiresAt;

        Assert.Single(await Files.ListAsync(Query() with { Now = expiry.AddTicks(-1) }, Cancel));
        Assert.Empty(await Files.ListAsync(Query() with { Now = expiry }, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task List_pages_in_both_orders_without_a_gap(bool descending)
    {
        await Task.WhenAll(Enumerable.Range(0, 25).Select(i => Files.CreateAsync(Record(i), Cancel)));

        var ids = new List<string>();
        for (string? after = null; ;)
        {
            var page = await Files.ListAsync(Query() with { Limit = 10, Descending = descending, After = after }, Cancel);
            ids.AddRange(page.Select(record => record.Id));
            if (page.Count < 10)
            {
                break;
            }

            after = ids[^1];
        }

        var expected = Enumerable.Range(0, 25).Select(Id);
        Assert.Equal(descending ? expected.Reverse() : expected, ids);
    }

    [Fact]
    public async Task List_filters_by_workspace_and_purpose()
    {
        await Files.CreateAsync(Record(1), Cancel);
        await Files.CreateAsync(Record(2) with { Purpose = "batch_output" }, Cancel);
        await Files.CreateAsync(Record(3) with { Workspace = Workspace + "x" }, Cancel);

        var all = await Files.ListAsync(Query(), Cancel);
        var outputs = await Files.ListAsync(Query() with { Purpose = "batch_output" }, Cancel);

        Assert.Equal([Id(2), Id(1)], all.Select(record => record.Id));
        Assert.Equal([Id(2)], outputs.Select(record => record.Id));
        await Files.RemoveAsync(Workspace + "x", Id(3), Cancel);
    }

    [Fact]
    public async Task Dead_are_the_hidden_and_the_expired()
    {
        await Files.CreateAsync(Record(1), Cancel);
        await Files.CreateAsync(Record(2) with { ExpiresAt = T0.AddHours(1) }, Cancel);
        await Files.CreateAsync(Record(3), Cancel);
        await Files.HideAsync(Workspace, Id(3), Cancel);

        Assert.Equal([Id(3)], await DeadAsync(T0.AddHours(1).AddTicks(-1)));
        Assert.Equal([Id(2), Id(3)], await DeadAsync(T0.AddHours(1)));
    }

    [Fact]
    public async Task Dead_are_found_across_pages()
    {
        await Task.WhenAll(Enumerable.Range(0, 1203).Select(i =>
            Files.CreateAsync(Record(i) with { ExpiresAt = T0.AddSeconds(i % 7) }, Cancel)));

        Assert.Equal(Enumerable.Range(0, 1203).Select(Id), await DeadAsync(T0.AddHours(1)));
    }

    [Fact]
    public async Task Blob_is_named_until_its_last_record_is_removed()
    {
        var blob = Record(1).BlobName;
        await Files.CreateAsync(Record(2) with { BlobName = blob }, Cancel);
        await Files.HideAsync(Workspace, Id(2), Cancel);

        Assert.True(await Files.NamesBlobAsync(Workspace, blob, Cancel));
        Assert.False(await Files.NamesBlobAsync(Workspace, Record(2).BlobName, Cancel));
        Assert.False(await Files.NamesBlobAsync(Workspace + "x", blob, Cancel));
        await Files.RemoveAsync(Workspace, Id(2), Cancel);
        Assert.False(await Files.NamesBlobAsync(Workspace, blob, Cancel));
    }

    [Fact]
    public async Task Removed_record_is_gone_and_may_be_removed_again()
    {
        await Files.CreateAsync(Record(1), Cancel);

        await Files.RemoveAsync(Workspace, Id(1), Cancel);
        await Files.RemoveAsync(Workspace, Id(1), Cancel);

        Assert.Null(await Files.GetAsync(Workspace, Id(1), Cancel));
        Assert.Empty(await DeadAsync(T0.AddYears(10)));
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"file-{number:D6}");

    private FileRecord Record(int number) => new(
        Workspace, Id(number), BlobNames.Upload(Workspace, Id(number)), Bytes: 10, Lines: 2, T0, T0.AddDays(30), "in.jsonl", "batch",
        Hidden: false);

    private FileQuery Query() => new(Workspace, T0, Limit: 100, Purpose: null, Descending: true, After: null);

    private async Task<List<string>> DeadAsync(DateTimeOffset now)
    {
        var ids = new List<string>();
        await foreach (var record in Files.ListDeadAsync(now, Cancel))
        {
            if (record.Workspace == Workspace)
            {
                ids.Add(record.Id);
            }
        }

        ids.Sort(StringComparer.Ordinal);
        return ids;
    }
}
