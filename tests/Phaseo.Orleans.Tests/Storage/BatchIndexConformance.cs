using System.Globalization;
using System.Text;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IBatchIndex"/> does.</summary>
public abstract class BatchIndexConformance : StorageConformance
{
    private static readonly Dictionary<string, string> NoPairs = [];

    private IBatchIndex Index => Home.Index;

    [Fact]
    public async Task Row_comes_back_as_it_went_in()
    {
        var row = Row(1) with
        {
            SessionId = "s\n\"1\"",
            Metadata = new Dictionary<string, string> { ["key \"quoted\""] = "värde", ["b"] = "", ["a.b[0]"] = "1" },
        };

        Assert.True(await Index.UpsertAsync(row, Cancel));
        await Home.ReopenAsync();
        var found = Assert.Single(await ListAsync());

        Assert.Equal(row with { Metadata = found.Metadata, Snapshot = found.Snapshot }, found);
        Assert.Equal(row.Metadata, found.Metadata);
        Assert.Equal(row.Snapshot.ToArray(), found.Snapshot.ToArray());
    }

    [Fact]
    public async Task Row_is_written_only_over_a_lower_version()
    {
        await Index.UpsertAsync(Row(1) with { Version = 5, Status = "in_progress" }, Cancel);

        Assert.False(await Index.UpsertAsync(Row(1) with { Version = 4, Status = "validating" }, Cancel));
        Assert.False(await Index.UpsertAsync(Row(1) with { Version = 5, Status = "validating" }, Cancel));
        Assert.Equal("in_progress", Assert.Single(await ListAsync()).Status);
        Assert.True(await Index.UpsertAsync(Row(1) with { Version = 6, Status = "completed", Terminal = true }, Cancel));
        Assert.Equal("completed", Assert.Single(await ListAsync()).Status);
    }

    [Fact]
    public async Task Of_many_versions_written_at_once_the_highest_stays()
    {
        await Task.WhenAll(Enumerable.Range(1, 40).Select(version => Index.UpsertAsync(Row(1) with { Version = version }, Cancel)));

        Assert.Equal(40, Assert.Single(await ListAsync()).Version);
    }

    [Fact]
    public async Task List_is_newest_first_and_pages_without_a_gap()
    {
        await Task.WhenAll(Enumerable.Range(0, 25).Select(i => Index.UpsertAsync(Row(i), Cancel)));

        var ids = new List<string>();
        for (string? after = null; ;)
        {
            var page = await Index.ListAsync(Query() with { Limit = 10, After = after }, Cancel);
            ids.AddRange(page.Select(row => row.BatchId));
            if (page.Count < 10)
            {
                break;
            }

            after = ids[^1];
        }

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(Id), ids);
    }

    [Fact]
    public async Task List_shows_one_workspace_only()
    {
        await Index.UpsertAsync(Row(1), Cancel);
        await Index.UpsertAsync(Row(2) with { Workspace = Workspace + "x" }, Cancel);

        Assert.Equal([Id(1)], (await ListAsync()).Select(row => row.BatchId));
        await Index.RemoveAsync(Workspace + "x", Id(2), Cancel);
    }

    [Fact]
    public async Task Status_filter_passes_rows_that_are_not_terminal()
    {
        await Index.UpsertAsync(Row(1) with { Status = "completed", Terminal = true }, Cancel);
        await Index.UpsertAsync(Row(2) with { Status = "failed", Terminal = true }, Cancel);
        await Index.UpsertAsync(Row(3) with { Status = "in_progress" }, Cancel);
        await Index.UpsertAsync(Row(4) with { Status = "expired", Terminal = true }, Cancel);

        var rows = await Index.ListAsync(Query() with { Statuses = ["completed", "expired"] }, Cancel);

        Assert.Equal([Id(4), Id(3), Id(1)], rows.Select(row => row.BatchId));
    }

    [Fact]
    public async Task Session_filter_passes_that_session_only()
    {
        await Index.UpsertAsync(Row(1) with { SessionId = "one" }, Cancel);
        await Index.UpsertAsync(Row(2) with { SessionId = "two" }, Cancel);
        await Index.UpsertAsync(Row(3), Cancel);

        var rows = await Index.ListAsync(Query() with { SessionId = "one" }, Cancel);

        Assert.Equal([Id(1)], rows.Select(row => row.BatchId));
    }

    [Fact]
    public async Task Metadata_filter_wants_every_pair()
    {
        await Index.UpsertAsync(Row(1) with { Metadata = Pairs(("team", "a"), ("run", "1")) }, Cancel);
        await Index.UpsertAsync(Row(2) with { Metadata = Pairs(("team", "a"), ("run", "2")) }, Cancel);
        await Index.UpsertAsync(Row(3) with { Metadata = Pairs(("team", "1"), ("run", "a")) }, Cancel);
        await Index.UpsertAsync(Row(4), Cancel);

        var one = await Index.ListAsync(Query() with { Metadata = Pairs(("team", "a")) }, Cancel);
        var two = await Index.ListAsync(Query() with { Metadata = Pairs(("team", "a"), ("run", "2")) }, Cancel);
        var none = await Index.ListAsync(Query() with { Metadata = Pairs(("team", "' OR 1=1 --")) }, Cancel);

        Assert.Equal([Id(2), Id(1)], one.Select(row => row.BatchId));
        Assert.Equal([Id(2)], two.Select(row => row.BatchId));
        Assert.Empty(none);
    }

    [Fact]
    public async Task Filters_count_before_the_limit()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            Index.UpsertAsync(Row(i) with { Metadata = Pairs(("even", (i % 2).ToString(CultureInfo.InvariantCulture))) }, Cancel)));

        var rows = await Index.ListAsync(
            Query() with { Limit = 3, After = Id(20), Metadata = Pairs(("even", "0")) }, Cancel);

        Assert.Equal([Id(18), Id(16), Id(14)], rows.Select(row => row.BatchId));
    }

    [Fact]
    public async Task Removed_row_is_gone_and_may_be_removed_again()
    {
        await Index.UpsertAsync(Row(1), Cancel);

        await Index.RemoveAsync(Workspace, Id(1), Cancel);
        await Index.RemoveAsync(Workspace, Id(1), Cancel);

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Unfinished_rows_are_listed_whole_and_over_all_workspaces()
    {
        await Task.WhenAll(Enumerable.Range(0, 1_234).Select(i =>
            Index.UpsertAsync(Row(i) with { Terminal = i % 2 == 0, Workspace = i < 100 ? Workspace : Workspace + "x" }, Cancel)));

        var rows = await Index.ListUnfinishedAsync(Cancel)
            .Where(row => row.Workspace.StartsWith(Workspace, StringComparison.Ordinal)).ToListAsync(Cancel);

        Assert.Equal(
            Enumerable.Range(0, 617).Select(i => Id(2 * i + 1)),
            rows.Select(row => row.BatchId).Order(StringComparer.Ordinal));
        Assert.Equal(50, rows.Count(row => row.Workspace == Workspace));
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"batch_{number:D6}");

    private static Dictionary<string, string> Pairs(params (string Key, string Value)[] pairs) =>
        pairs.ToDictionary(pair => pair.Key, pair => pair.Value);

    private BatchIndexRow Row(int number) => new(
        Workspace, Id(number), Version: 1, Terminal: false, "validating", SessionId: null, NoPairs,
        Encoding.UTF8.GetBytes($$"""{"number":{{number}}}"""));

    private BatchIndexQuery Query() => new(Workspace, Limit: 100, After: null, Statuses: [], SessionId: null, NoPairs);

    private Task<IReadOnlyList<BatchIndexRow>> ListAsync() => Index.ListAsync(Query(), Cancel);
}
