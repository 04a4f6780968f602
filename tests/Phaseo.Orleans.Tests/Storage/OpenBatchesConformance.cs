using System.Globalization;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IOpenBatches"/> does.</summary>
public abstract class OpenBatchesConformance : StorageConformance
{
    private static readonly DateTimeOffset T0 = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(67);

    private IOpenBatches Open => Home.Open;

    [Fact]
    public async Task Row_comes_back_as_it_went_in()
    {
        await Open.AddAsync(Row(1), Cancel);
        await Home.ReopenAsync();

        Assert.Equal([Row(1)], await ListAsync(null));
    }

    [Fact]
    public async Task Row_that_is_there_stays_as_it_is()
    {
        await Open.AddAsync(Row(1), Cancel);

        await Open.AddAsync(Row(1) with { FileId = "file-other", Heartbeat = T0.AddHours(1) }, Cancel);

        Assert.Equal([Row(1)], await ListAsync(null));
    }

    [Fact]
    public async Task Heartbeat_moves_a_row_that_exists()
    {
        await Open.AddAsync(Row(1), Cancel);

        Assert.True(await Open.BeatAsync(Workspace, "batch_000001", T0.AddSeconds(5), Cancel));
        Assert.Equal([Row(1) with { Heartbeat = T0.AddSeconds(5) }], await ListAsync(null));
    }

    [Fact]
    public async Task Heartbeat_never_makes_a_row()
    {
        Assert.False(await Open.BeatAsync(Workspace, "batch_000001", T0, Cancel));
        Assert.Empty(await ListAsync(null));
    }

    [Fact]
    public async Task List_gives_rows_whose_heartbeat_is_older()
    {
        for (var i = 0; i < 4; i++)
        {
            await Open.AddAsync(Row(i) with { Heartbeat = T0.AddSeconds(i) }, Cancel);
        }

        var old = await ListAsync(T0.AddSeconds(2));

        Assert.Equal(["batch_000000", "batch_000001"], old.Select(row => row.BatchId));
        Assert.Equal(4, (await ListAsync(null)).Count);
    }

    [Fact]
    public async Task List_crosses_its_pages()
    {
        await Task.WhenAll(Enumerable.Range(0, 1203).Select(i => Open.AddAsync(Row(i), Cancel)));

        var rows = await ListAsync(null);

        Assert.Equal(Enumerable.Range(0, 1203).Select(Row), rows);
    }

    [Fact]
    public async Task Removed_row_is_gone_and_may_be_removed_again()
    {
        await Open.AddAsync(Row(1), Cancel);

        await Open.RemoveAsync(Workspace, "batch_000001", Cancel);
        await Open.RemoveAsync(Workspace, "batch_000001", Cancel);

        Assert.Empty(await ListAsync(null));
        Assert.False(await Open.BeatAsync(Workspace, "batch_000001", T0, Cancel));
    }

    private OpenBatch Row(int number) => new(
        Workspace, string.Create(CultureInfo.InvariantCulture, $"batch_{number:D6}"), "file-1", T0, T0.AddDays(1), T0);

    // Homes may be shared, so rows of other tests are left out.
    private async Task<List<OpenBatch>> ListAsync(DateTimeOffset? olderThan)
    {
        var rows = new List<OpenBatch>();
        await foreach (var row in Open.ListAsync(olderThan, Cancel))
        {
            if (row.Workspace == Workspace)
            {
                rows.Add(row);
            }
        }

        return [.. rows.OrderBy(row => row.BatchId, StringComparer.Ordinal)];
    }
}
