using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IClaimRows"/> does.</summary>
public abstract class ClaimRowsConformance : StorageConformance
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 3, 12, 0, 0, TimeSpan.Zero);

    private IClaimRows Claims => Home.Claims;

    [Fact]
    public async Task Written_row_is_there_also_after_a_reopen()
    {
        var row = Row("a", "tag-1");

        Assert.True(await Claims.WriteAsync(row, expected: null, Cancel));
        await Home.ReopenAsync();

        Assert.Equal(row, await ReadAsync("a", row.Content));
        Assert.Null(await Claims.GetAsync(Key("b"), Cancel));
    }

    [Fact]
    public async Task First_write_is_refused_where_a_row_is()
    {
        var row = Row("a", "tag-1");
        await Claims.WriteAsync(row, expected: null, Cancel);

        Assert.False(await Claims.WriteAsync(Row("a", "tag-2"), expected: null, Cancel));
        Assert.Equal(row, await ReadAsync("a", row.Content));
    }

    [Fact]
    public async Task Next_write_needs_the_tag_of_the_one_before()
    {
        await Claims.WriteAsync(Row("a", "tag-1"), expected: null, Cancel);
        var second = Row("a", "tag-2") with { ExpiresAt = Noon.AddHours(1), Content = new byte[] { 9 } };

        Assert.False(await Claims.WriteAsync(second, "tag-0", Cancel));
        Assert.False(await Claims.WriteAsync(Row("b", "tag-2"), "tag-1", Cancel));
        Assert.True(await Claims.WriteAsync(second, "tag-1", Cancel));
        Assert.Equal(second, await ReadAsync("a", second.Content));
    }

    [Fact]
    public async Task Of_many_first_writes_at_once_exactly_one_succeeds()
    {
        var results = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => Claims.WriteAsync(Row("a", $"tag-{i}"), expected: null, Cancel)));

        Assert.Single(results, true);
    }

    [Fact]
    public async Task Removal_needs_the_tag_too()
    {
        await Claims.WriteAsync(Row("a", "tag-1"), expected: null, Cancel);

        Assert.False(await Claims.RemoveAsync(Key("a"), "tag-0", Cancel));
        Assert.True(await Claims.RemoveAsync(Key("a"), "tag-1", Cancel));
        Assert.False(await Claims.RemoveAsync(Key("a"), "tag-1", Cancel));
        Assert.Null(await Claims.GetAsync(Key("a"), Cancel));
    }

    [Fact]
    public async Task Expiry_removes_what_is_over_and_nothing_else()
    {
        const int Over = 1_234;
        await Task.WhenAll(Enumerable.Range(0, Over).Select(i =>
            Claims.WriteAsync(Row($"over-{i}", "tag") with { ExpiresAt = Noon.AddSeconds(-i) }, expected: null, Cancel)));
        var live = Row("live", "tag") with { ExpiresAt = Noon.AddTicks(1) };
        await Claims.WriteAsync(live, expected: null, Cancel);

        Assert.Equal(Over, await Claims.RemoveExpiredAsync(Noon, Cancel));
        Assert.Equal(0, await Claims.RemoveExpiredAsync(Noon, Cancel));
        Assert.Equal(live, await ReadAsync("live", live.Content));
    }

    private string Key(string name) => $"{Workspace}:batches:{name}";

    private ClaimRow Row(string name, string tag) => new(Key(name), tag, Noon, new byte[] { 1, 2, 3 });

    /// <summary>The stored row; its content is compared by value and replaced by the same memory.</summary>
    private async Task<ClaimRow?> ReadAsync(string name, ReadOnlyMemory<byte> content)
    {
        var row = await Claims.GetAsync(Key(name), Cancel);
        Assert.Equal(content.ToArray(), row?.Content.ToArray());
        return row! with { Content = content };
    }
}
