using System.Text;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Embedded;

public sealed class DataFolderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Second_user_of_a_folder_is_refused_with_its_name()
    {
        using var temp = new TempFolder();
        using var first = new DataFolder(temp.Path);

        var refusal = Assert.Throws<DataFolderInUseException>(() => new DataFolder(temp.Path));

        Assert.Contains(temp.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Another phaseo process", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_is_free_again_after_its_user()
    {
        using var temp = new TempFolder();
        new DataFolder(temp.Path).Dispose();

        using var second = new DataFolder(temp.Path);

        Assert.Equal(temp.Path, second.Root);
    }

    [Fact]
    public async Task Files_in_the_making_of_a_crashed_process_are_removed_at_start()
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.PutAsync("ws/files/file-1", "kept"u8.ToArray(), Cancel);
        var left = Path.Combine(home.Folder, "tmp", "left-by-a-crash");
        await File.WriteAllTextAsync(left, "half", Cancel);

        await home.ReopenAsync();

        Assert.False(File.Exists(left));
        Assert.Equal(4, await home.Blobs.GetLengthAsync("ws/files/file-1", Cancel));
    }

    [Fact]
    public async Task Commit_that_a_crash_stopped_before_the_blob_was_there_can_be_repeated_with_any_list()
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        await home.Blobs.StageAsync("ws/batch_1/output", "b", "bb"u8.ToArray(), Cancel);
        var list = Path.Combine(home.Folder, "blobs", "ws", "batch_1", "output~list");
        await File.WriteAllTextAsync(list, "b 2\na 3\n", Encoding.UTF8, Cancel);

        await home.ReopenAsync();

        Assert.Equal(CommitResult.Committed, await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3), new("b", 2)], Cancel));
        Assert.Equal(CommitResult.AlreadyCommitted, await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3), new("b", 2)], Cancel));
        Assert.Equal(CommitResult.Conflict, await home.Blobs.CommitAsync("ws/batch_1/output", [new("b", 2), new("a", 3)], Cancel));
    }

    [Fact]
    public async Task List_left_without_its_blob_never_vouches_for_a_blob_made_in_one_piece()
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "blobs", "ws", "batch_1", "output~list"), "a 3\n", Cancel);

        await home.Blobs.PutAsync("ws/batch_1/output", "xyz"u8.ToArray(), Cancel);

        Assert.Equal(CommitResult.Conflict, await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3)], Cancel));
    }

    [Theory]
    [InlineData("output~staged", 4, 0)]
    [InlineData("output~staged", 3, 3)]
    [InlineData("output~index", 40, 0)]
    [InlineData("output~index", 21, 0)]
    public async Task Part_that_a_crash_cut_short_counts_as_missing(string file, int kept, int zeros)
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        await home.Blobs.StageAsync("ws/batch_1/output", "b", "bbb"u8.ToArray(), Cancel);
        await home.ReopenAsync();
        var path = Path.Combine(home.Folder, "blobs", "ws", "batch_1", file);
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        await File.WriteAllBytesAsync(path, [.. whole[..kept], .. new byte[zeros]], Cancel);

        var commit = await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3), new("b", 3)], Cancel);
        var left = await home.Blobs.ListStagedAsync("ws/batch_1/output", Cancel);
        await home.Blobs.StageAsync("ws/batch_1/output", "b", "bbb"u8.ToArray(), Cancel);

        Assert.Equal(CommitResult.MissingBlocks, commit);
        Assert.Equal(["a"], left.Keys);
        Assert.Equal(CommitResult.Committed, await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3), new("b", 3)], Cancel));
        Assert.Equal("aaabbb", await File.ReadAllTextAsync(Path.Combine(home.Folder, "blobs", "ws", "batch_1", "output"), Cancel));
    }

    [Theory]
    [InlineData("output~index")]
    [InlineData("output~staged")]
    public async Task Parts_of_a_commit_that_broke_off_between_its_files_leave_nothing_in_the_next_one(string moved)
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        await home.Blobs.StageAsync("ws/batch_1/output", "b", "bbb"u8.ToArray(), Cancel);
        await home.ReopenAsync();
        var folder = Path.Combine(home.Folder, "blobs", "ws", "batch_1");
        File.Delete(Path.Combine(folder, moved));

        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        var commit = await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3)], Cancel);
        var again = await home.Blobs.CommitAsync("ws/batch_1/output", [new("a", 3)], Cancel);

        Assert.Equal((CommitResult.Committed, CommitResult.AlreadyCommitted), (commit, again));
        Assert.Equal("aaa", await File.ReadAllTextAsync(Path.Combine(folder, "output"), Cancel));
    }

    [Fact]
    public async Task Bytes_that_a_removal_left_without_their_index_go_with_the_next_one()
    {
        await using var home = new EmbeddedHome();
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);
        await home.ReopenAsync();
        File.Delete(Path.Combine(home.Folder, "blobs", "ws", "batch_1", "output~index"));

        await home.Blobs.DeleteAsync("ws/batch_1/output", Cancel);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home.Folder, "blobs")));
    }

    [Fact]
    public async Task Folders_go_with_their_last_file()
    {
        await using var home = new EmbeddedHome();
        var journal = new JournalId("ws", "batch_1", 0);
        await home.Journals.CreateAsync(journal, Cancel);
        await home.Blobs.PutAsync("ws/batch_1/work/abc", default, Cancel);
        await home.Blobs.StageAsync("ws/batch_1/output", "a", "aaa"u8.ToArray(), Cancel);

        await home.Journals.DeleteAsync(journal, Cancel);
        await home.Blobs.DeleteAsync("ws/batch_1/work/abc", Cancel);
        await home.Blobs.DeleteAsync("ws/batch_1/output", Cancel);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home.Folder, "blobs")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home.Folder, "journals")));
    }

    [Fact]
    public async Task Files_made_while_their_folder_is_being_removed_are_there()
    {
        await using var home = new EmbeddedHome();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 50; i++)
            {
                var name = $"ws/batch_1/work/w{writer}";
                Assert.True(await home.Blobs.PutAsync(name, "x"u8.ToArray(), Cancel));
                Assert.Equal(1, await home.Blobs.GetLengthAsync(name, Cancel));
                await home.Blobs.DeleteAsync(name, Cancel);
            }
        }));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(home.Folder, "blobs")));
    }

    [Fact]
    public async Task Input_output_error_is_an_outage()
    {
        await using var home = new EmbeddedHome();
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "blobs", "ws"), "in the way", Cancel);

        await Assert.ThrowsAsync<StorageUnavailableException>(() => home.Blobs.PutAsync("ws/files/file-1", default, Cancel));
    }
}
