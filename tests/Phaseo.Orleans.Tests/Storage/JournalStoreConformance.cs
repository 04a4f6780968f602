using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IJournalStore"/> does.</summary>
public abstract class JournalStoreConformance : StorageConformance
{
    private JournalId Id => new(Workspace, "batch_1", 3);

    private IJournalStore Journals => Home.Journals;

    [Fact]
    public async Task New_journal_is_empty_also_after_a_reopen()
    {
        Assert.True(await Journals.CreateAsync(Id, Cancel));
        await Home.ReopenAsync();

        Assert.Equal(0, await Journals.GetLengthAsync(Id, Cancel));
        Assert.Empty(await ReadAsync(0));
    }

    [Fact]
    public async Task Second_create_is_refused_and_leaves_the_journal()
    {
        await Journals.CreateAsync(Id, Cancel);
        await Journals.AppendAsync(Id, 0, Flush(1), Cancel);

        Assert.False(await Journals.CreateAsync(Id, Cancel));
        await Home.ReopenAsync();
        Assert.False(await Journals.CreateAsync(Id, Cancel));
        Assert.Equal(Flush(1), await ReadAsync(0));
    }

    [Fact]
    public async Task Of_many_creates_at_once_exactly_one_succeeds()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Journals.CreateAsync(Id, Cancel)));

        Assert.Single(results, true);
    }

    [Fact]
    public async Task Appends_follow_each_other_and_survive_a_reopen()
    {
        await Journals.CreateAsync(Id, Cancel);
        var (first, second, third) = (Flush(1), Flush(2), Flush(3));

        Assert.Equal(AppendResult.Appended, await Journals.AppendAsync(Id, 0, first, Cancel));
        Assert.Equal(AppendResult.Appended, await Journals.AppendAsync(Id, first.Length, second, Cancel));
        await Home.ReopenAsync();
        var end = await Journals.GetLengthAsync(Id, Cancel);
        Assert.Equal(AppendResult.Appended, await Journals.AppendAsync(Id, end!.Value, third, Cancel));

        Assert.Equal((byte[])[.. first, .. second, .. third], await ReadAsync(0));
    }

    [Fact]
    public async Task Append_anywhere_but_at_the_end_is_refused_and_writes_nothing()
    {
        await Journals.CreateAsync(Id, Cancel);
        var first = Flush(1);
        await Journals.AppendAsync(Id, 0, first, Cancel);

        foreach (var position in (long[])[0, 1, first.Length - 1, first.Length + 1, 1 << 20])
        {
            Assert.Equal(AppendResult.PositionTaken, await Journals.AppendAsync(Id, position, Flush(2), Cancel));
        }

        Assert.Equal(first, await ReadAsync(0));
    }

    [Fact]
    public async Task Of_many_appends_at_one_position_exactly_one_is_there()
    {
        await Journals.CreateAsync(Id, Cancel);

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
            (Flush: Flush(i), Result: await Journals.AppendAsync(Id, 0, Flush(i), Cancel))));

        var winner = Assert.Single(results, result => result.Result == AppendResult.Appended);
        Assert.All(results.Except([winner]), result => Assert.Equal(AppendResult.PositionTaken, result.Result));
        Assert.Equal(winner.Flush, await ReadAsync(0));
    }

    [Fact]
    public async Task Missing_journal_is_never_made_by_an_append()
    {
        Assert.Equal(AppendResult.Missing, await Journals.AppendAsync(Id, 0, Flush(1), Cancel));
        Assert.Null(await Journals.GetLengthAsync(Id, Cancel));
        Assert.Null(await Journals.OpenReadAsync(Id, 0, Cancel));
    }

    [Fact]
    public async Task Deleted_journal_takes_no_append_until_it_is_created_again()
    {
        await Journals.CreateAsync(Id, Cancel);
        var first = Flush(1);
        await Journals.AppendAsync(Id, 0, first, Cancel);

        await Journals.DeleteAsync(Id, Cancel);
        await Journals.DeleteAsync(Id, Cancel);

        Assert.Equal(AppendResult.Missing, await Journals.AppendAsync(Id, first.Length, Flush(2), Cancel));
        Assert.Null(await Journals.GetLengthAsync(Id, Cancel));
        Assert.True(await Journals.CreateAsync(Id, Cancel));
        Assert.Equal(0, await Journals.GetLengthAsync(Id, Cancel));
        Assert.Equal(AppendResult.Appended, await Journals.AppendAsync(Id, 0, Flush(2), Cancel));
    }

    [Fact]
    public async Task Read_starts_at_any_position_and_stops_at_the_end_it_found()
    {
        await Journals.CreateAsync(Id, Cancel);
        var (first, second) = (Flush(1), Flush(2));
        await Journals.AppendAsync(Id, 0, first, Cancel);
        await using var early = await Journals.OpenReadAsync(Id, 5, Cancel);

        await Journals.AppendAsync(Id, first.Length, second, Cancel);

        Assert.Equal(first[5..], await DrainAsync(early));
        Assert.Equal(second, await ReadAsync(first.Length));
        Assert.Empty(await ReadAsync(first.Length + second.Length));
        Assert.Empty(await ReadAsync(1 << 20));
    }

    [Fact]
    public async Task Journals_of_different_shards_and_workspaces_are_apart()
    {
        var ids = (JournalId[])[Id, Id with { Shard = 4 }, Id with { Batch = "batch_2" }, Id with { Workspace = Workspace + "x" }];
        for (var i = 0; i < ids.Length; i++)
        {
            await Journals.CreateAsync(ids[i], Cancel);
            await Journals.AppendAsync(ids[i], 0, Flush(i), Cancel);
        }

        await Journals.DeleteAsync(ids[1], Cancel);

        Assert.Equal(Flush(0), await ReadAsync(0));
        Assert.Null(await Journals.GetLengthAsync(ids[1], Cancel));
        Assert.Equal(Flush(2), await DrainAsync(await Journals.OpenReadAsync(ids[2], 0, Cancel)));
        Assert.Equal(Flush(3), await DrainAsync(await Journals.OpenReadAsync(ids[3], 0, Cancel)));
        await Journals.DeleteAsync(ids[3], Cancel);
    }

    [Fact]
    public async Task Largest_flush_fits()
    {
        await Journals.CreateAsync(Id, Cancel);
        var flush = Flush(0, JournalFrame.MaxSize - JournalFrame.HeaderSize);

        Assert.Equal(AppendResult.Appended, await Journals.AppendAsync(Id, 0, flush, Cancel));
        await Home.ReopenAsync();
        Assert.Equal(flush, await ReadAsync(0));
    }

    /// <summary>A whole frame, different for each number.</summary>
    protected static byte[] Flush(int number, int payload = 200)
    {
        var frame = new byte[JournalFrame.HeaderSize + payload + number];
        new Random(number).NextBytes(frame);
        JournalFrame.Seal(frame, epoch: 1, sequence: number, new Guid(number, 0, 0, new byte[8]));
        return frame;
    }

    protected async Task<byte[]> ReadAsync(long position) => await DrainAsync(await Journals.OpenReadAsync(Id, position, Cancel));

    private static async Task<byte[]> DrainAsync(Stream? stream)
    {
        Assert.NotNull(stream);
        await using (stream)
        {
            var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Cancel);
            return bytes.ToArray();
        }
    }
}
