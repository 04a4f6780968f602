using System.Text;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IBlobStore"/> does.</summary>
public abstract class BlobStoreConformance : StorageConformance
{
    private string Name => $"{Workspace}/batch_1/output";

    private IBlobStore Blobs => Home.Blobs;

    [Fact]
    public async Task Put_blob_reads_back_the_same_after_a_reopen()
    {
        var created = await Blobs.PutAsync(Name, Bytes("hello"), Cancel);

        await Home.ReopenAsync();

        Assert.True(created);
        Assert.Equal("hello", await ReadAsync(Name));
        Assert.Equal(5, await Blobs.GetLengthAsync(Name, Cancel));
    }

    [Fact]
    public async Task Second_put_is_refused_and_leaves_the_first()
    {
        await Blobs.PutAsync(Name, Bytes("first"), Cancel);

        var created = await Blobs.PutAsync(Name, Bytes("second"), Cancel);

        Assert.False(created);
        Assert.Equal("first", await ReadAsync(Name));
    }

    [Fact]
    public async Task Of_many_puts_at_once_exactly_one_wins()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
            (Text: $"writer {i}", Created: await Blobs.PutAsync(Name, Bytes($"writer {i}"), Cancel))));

        var winner = Assert.Single(results, result => result.Created);
        Assert.Equal(winner.Text, await ReadAsync(Name));
    }

    [Fact]
    public async Task Empty_blob_is_there()
    {
        await Blobs.PutAsync(Name, default, Cancel);

        Assert.Equal(0, await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Equal("", await ReadAsync(Name));
    }

    [Fact]
    public async Task Missing_blob_has_no_length_and_no_stream()
    {
        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Null(await Blobs.OpenReadAsync(Name, 0, null, Cancel));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(8, 100L, "89")]
    [InlineData(10, null, "")]
    [InlineData(50, 5L, "")]
    [InlineData(2, 0L, "")]
    public async Task Range_is_cut_where_the_blob_ends(long offset, long? length, string expected)
    {
        await Blobs.PutAsync(Name, Bytes("0123456789"), Cancel);

        Assert.Equal(expected, await ReadAsync(Name, offset, length));
    }

    [Fact]
    public async Task Open_stream_goes_on_after_the_blob_is_deleted()
    {
        await Blobs.PutAsync(Name, Bytes("0123456789"), Cancel);
        await using var stream = await Blobs.OpenReadAsync(Name, 0, null, Cancel);
        using var reader = new StreamReader(stream!);
        var head = new char[1];
        await reader.ReadAsync(head, Cancel);

        await Blobs.DeleteAsync(Name, Cancel);

        Assert.Equal("123456789", await reader.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task Upload_is_invisible_until_it_is_committed()
    {
        await using var upload = await Blobs.BeginUploadAsync(Name, Cancel);
        await upload.WriteAsync(Bytes("half"), Cancel);

        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Empty(await NamesAsync());

        await upload.WriteAsync(Bytes(" and half"), Cancel);

        Assert.True(await upload.CommitAsync(Cancel));
        Assert.Equal("half and half", await ReadAsync(Name));
    }

    [Fact]
    public async Task Upload_keeps_every_byte_of_writes_of_any_size()
    {
        var expected = new MemoryStream();
        await using (var upload = await Blobs.BeginUploadAsync(Name, Cancel))
        {
            var buffer = new byte[600_000];
            var random = new Random(7);
            foreach (var size in (int[])[1, 0, 100, 65_536, 262_143, 262_144, 262_145, 3, 600_000, 17])
            {
                random.NextBytes(buffer);
                expected.Write(buffer, 0, size);
                await upload.WriteAsync(buffer.AsMemory(0, size), Cancel);
            }

            await upload.CommitAsync(Cancel);
        }

        await using var stream = await Blobs.OpenReadAsync(Name, 0, null, Cancel);
        var actual = new MemoryStream();
        await stream!.CopyToAsync(actual, Cancel);
        Assert.Equal(expected.ToArray(), actual.ToArray());
    }

    [Fact]
    public async Task Upload_without_a_commit_leaves_nothing()
    {
        await using (var upload = await Blobs.BeginUploadAsync(Name, Cancel))
        {
            await upload.WriteAsync(Bytes("never"), Cancel);
        }

        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Empty(await NamesAsync());
        Assert.True(await Blobs.PutAsync(Name, Bytes("other"), Cancel));
    }

    [Fact]
    public async Task Upload_over_a_blob_is_refused_and_leaves_it()
    {
        await using var upload = await Blobs.BeginUploadAsync(Name, Cancel);
        await upload.WriteAsync(Bytes("late"), Cancel);
        await Blobs.PutAsync(Name, Bytes("first"), Cancel);

        Assert.False(await upload.CommitAsync(Cancel));
        Assert.Equal("first", await ReadAsync(Name));
    }

    [Fact]
    public async Task Staged_parts_are_listed_and_make_no_blob()
    {
        await Blobs.StageAsync(Name, "part-a", Bytes("aaa"), Cancel);
        await Blobs.StageAsync(Name, "part-b", Bytes("bb"), Cancel);
        await Blobs.StageAsync(Name, "part-b", Bytes("bb"), Cancel);
        await Home.ReopenAsync();

        var staged = await Blobs.ListStagedAsync(Name, Cancel);

        Assert.Equal([("part-a", 3), ("part-b", 2)], staged.OrderBy(part => part.Key).Select(part => (part.Key, part.Value)));
        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task Commit_makes_the_blob_in_the_order_of_the_list_and_drops_other_parts()
    {
        var (a, b) = await StageTwoAsync();
        await Blobs.StageAsync(Name, "part-c", Bytes("unused"), Cancel);

        var result = await Blobs.CommitAsync(Name, [b, a], Cancel);
        await Home.ReopenAsync();

        Assert.Equal(CommitResult.Committed, result);
        Assert.Equal("bbaaa", await ReadAsync(Name));
        Assert.Empty(await Blobs.ListStagedAsync(Name, Cancel));
    }

    [Fact]
    public async Task Commit_of_a_single_part_is_that_part()
    {
        var (a, _) = await StageTwoAsync();

        Assert.Equal(CommitResult.Committed, await Blobs.CommitAsync(Name, [a], Cancel));
        Assert.Equal("aaa", await ReadAsync(Name));
        Assert.Equal(CommitResult.AlreadyCommitted, await Blobs.CommitAsync(Name, [a], Cancel));
    }

    [Fact]
    public async Task Commit_of_all_parts_in_the_order_in_which_they_came_is_a_commit_like_any_other()
    {
        var (a, b) = await StageTwoAsync();

        Assert.Equal(CommitResult.Committed, await Blobs.CommitAsync(Name, [a, b], Cancel));
        await Home.ReopenAsync();

        Assert.Equal("aaabb", await ReadAsync(Name));
        Assert.Empty(await Blobs.ListStagedAsync(Name, Cancel));
        Assert.Single(await NamesAsync());
        Assert.Equal(CommitResult.AlreadyCommitted, await Blobs.CommitAsync(Name, [a, b], Cancel));
        await StageTwoAsync();
        Assert.Equal(CommitResult.AlreadyCommitted, await Blobs.CommitAsync(Name, [a, b], Cancel));
        Assert.Empty(await Blobs.ListStagedAsync(Name, Cancel));
    }

    [Fact]
    public async Task Commit_of_no_parts_is_an_empty_blob()
    {
        Assert.Equal(CommitResult.Committed, await Blobs.CommitAsync(Name, [], Cancel));
        Assert.Equal(0, await Blobs.GetLengthAsync(Name, Cancel));
    }

    [Fact]
    public async Task Repeated_commit_finds_its_earlier_success_even_after_a_reopen()
    {
        var (a, b) = await StageTwoAsync();
        await Blobs.CommitAsync(Name, [a, b], Cancel);
        await Home.ReopenAsync();

        Assert.Equal(CommitResult.AlreadyCommitted, await Blobs.CommitAsync(Name, [a, b], Cancel));
        Assert.Equal("aaabb", await ReadAsync(Name));
    }

    [Fact]
    public async Task Commit_of_another_list_is_a_conflict()
    {
        var (a, b) = await StageTwoAsync();
        await Blobs.CommitAsync(Name, [a, b], Cancel);
        await StageTwoAsync();

        Assert.Equal(CommitResult.Conflict, await Blobs.CommitAsync(Name, [b, a], Cancel));
        Assert.Equal("aaabb", await ReadAsync(Name));
    }

    [Fact]
    public async Task Commit_over_a_blob_made_in_one_piece_is_a_conflict()
    {
        var (a, b) = await StageTwoAsync();
        await Blobs.PutAsync(Name, Bytes("aaabb"), Cancel);

        Assert.Equal(CommitResult.Conflict, await Blobs.CommitAsync(Name, [a, b], Cancel));
    }

    [Fact]
    public async Task Commit_with_an_unknown_part_makes_nothing_and_keeps_the_others()
    {
        var (a, _) = await StageTwoAsync();

        var result = await Blobs.CommitAsync(Name, [a, new("part-z", 1)], Cancel);

        Assert.Equal(CommitResult.MissingBlocks, result);
        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Equal(2, (await Blobs.ListStagedAsync(Name, Cancel)).Count);
    }

    [Fact]
    public async Task Of_many_commits_at_once_one_makes_the_blob_and_the_others_find_it()
    {
        var (a, b) = await StageTwoAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Blobs.CommitAsync(Name, [a, b], Cancel)));

        Assert.Single(results, CommitResult.Committed);
        Assert.All(results, result => Assert.True(result is CommitResult.Committed or CommitResult.AlreadyCommitted));
        Assert.Equal("aaabb", await ReadAsync(Name));
    }

    [Fact]
    public async Task Deleted_blob_is_gone_with_its_parts_and_its_name_is_free()
    {
        var (a, b) = await StageTwoAsync();
        await Blobs.CommitAsync(Name, [a, b], Cancel);
        await StageTwoAsync();

        await Blobs.DeleteAsync(Name, Cancel);

        Assert.Null(await Blobs.GetLengthAsync(Name, Cancel));
        Assert.Empty(await Blobs.ListStagedAsync(Name, Cancel));
        Assert.Equal(CommitResult.MissingBlocks, await Blobs.CommitAsync(Name, [a, b], Cancel));
        await Blobs.DeleteAsync(Name, Cancel);
        Assert.True(await Blobs.PutAsync(Name, Bytes("new"), Cancel));
        Assert.Equal(CommitResult.Conflict, await Blobs.CommitAsync(Name, [a, b], Cancel));
    }

    [Fact]
    public async Task List_gives_the_names_under_a_prefix()
    {
        foreach (var name in (string[])["batch_1/output", "batch_1/work/aa", "batch_1/work/ab", "batch_12/output", "files/file-1"])
        {
            await Blobs.PutAsync($"{Workspace}/{name}", Bytes("x"), Cancel);
        }

        Assert.Equal(5, (await NamesAsync()).Count);
        Assert.Equal(["batch_1/work/aa", "batch_1/work/ab"], await NamesAsync("batch_1/work/"));
        Assert.Equal(["batch_1/work/aa"], await NamesAsync("batch_1/work/aa"));
        Assert.Equal(["batch_1/output", "batch_1/work/aa", "batch_1/work/ab", "batch_12/output"], await NamesAsync("batch_1"));
        Assert.Empty(await NamesAsync("batch_2/"));
    }

    [Fact]
    public async Task List_crosses_its_pages()
    {
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => Blobs.PutAsync($"{Workspace}/many/{i:D4}", default, Cancel)));

        var names = await NamesAsync("many/");

        Assert.Equal(Enumerable.Range(0, 600).Select(i => $"many/{i:D4}"), names);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../b")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a/b\n")]
    [InlineData("a/b~parts")]
    [InlineData("a\\b")]
    public async Task Name_that_we_never_make_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.PutAsync(name, Bytes("x"), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.OpenReadAsync(name, 0, null, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.StageAsync(Name, name, Bytes("x"), Cancel));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<(BlobBlock A, BlobBlock B)> StageTwoAsync()
    {
        await Blobs.StageAsync(Name, "part-a", Bytes("aaa"), Cancel);
        await Blobs.StageAsync(Name, "part-b", Bytes("bb"), Cancel);
        return (new("part-a", 3), new("part-b", 2));
    }

    private async Task<string> ReadAsync(string name, long offset = 0, long? length = null)
    {
        await using var stream = await Blobs.OpenReadAsync(name, offset, length, Cancel);
        using var reader = new StreamReader(stream!);
        return await reader.ReadToEndAsync(Cancel);
    }

    private async Task<List<string>> NamesAsync(string prefix = "")
    {
        var names = new List<string>();
        await foreach (var name in Blobs.ListAsync($"{Workspace}/{prefix}", Cancel))
        {
            names.Add(name[(Workspace.Length + 1)..]);
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
