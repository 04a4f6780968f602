using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Embedded;

public sealed class JournalRecoveryTests
{
    private static readonly JournalId Id = new("ws", "batch_1", 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Journal_cut_at_every_byte_of_its_last_flush_reopens_to_the_flush_before()
    {
        await using var home = new EmbeddedHome();
        var (first, last) = (Frame(1), Frame(2));
        var path = await WriteAsync(home, first, last);
        var whole = await File.ReadAllBytesAsync(path, Cancel);

        for (var cut = first.Length; cut < whole.Length; cut++)
        {
            await File.WriteAllBytesAsync(path, whole[..cut], Cancel);
            await home.ReopenAsync();

            Assert.Equal(first.Length, await home.Journals.GetLengthAsync(Id, Cancel));
            Assert.Equal(first.Length, new FileInfo(path).Length);
        }

        Assert.Equal(AppendResult.Appended, await home.Journals.AppendAsync(Id, first.Length, last, Cancel));
        Assert.Equal(whole, await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task Flush_of_which_the_length_came_to_disk_but_not_the_bytes_is_dropped()
    {
        await using var home = new EmbeddedHome();
        var (first, last) = (Frame(1), Frame(2));
        var path = await WriteAsync(home, first, last);
        var whole = await File.ReadAllBytesAsync(path, Cancel);

        foreach (var from in (int[])[0, 4, JournalFrame.HeaderSize, last.Length - 1])
        {
            var damaged = (byte[])whole.Clone();
            damaged.AsSpan(first.Length + from).Clear();
            await File.WriteAllBytesAsync(path, damaged, Cancel);
            await home.ReopenAsync();

            Assert.Equal(first.Length, await home.Journals.GetLengthAsync(Id, Cancel));
        }
    }

    [Fact]
    public async Task Whole_flush_that_was_never_acknowledged_is_kept()
    {
        await using var home = new EmbeddedHome();
        var path = await WriteAsync(home, Frame(1));
        await File.AppendAllBytesAsync(path, Frame(2), Cancel);

        await home.ReopenAsync();

        Assert.Equal(Frame(1).Length + Frame(2).Length, await home.Journals.GetLengthAsync(Id, Cancel));
    }

    [Fact]
    public void Journal_goes_on_from_its_known_end_after_a_failed_write()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full, a disk that is always full, is Linux'.");
        using var temp = new TempFolder();
        var path = Path.Combine(temp.Path, "journal");
        var aside = path + ".aside";
        var (first, second) = (Frame(1), Frame(2));
        var journal = new JournalFile(path);
        journal.TryCreate(new FolderTree(temp.Path));
        journal.Append(0, first);
        journal.Close();
        File.Move(path, aside);
        File.CreateSymbolicLink(path, "/dev/full");

        Assert.ThrowsAny<IOException>(() => journal.Append(first.Length, second));
        Assert.ThrowsAny<IOException>(() => journal.Append(first.Length, second));
        File.Delete(path);
        File.Move(aside, path);
        File.AppendAllBytes(path, second[..50]);

        Assert.Equal(first.Length, journal.FindEnd());
        Assert.Equal(first, File.ReadAllBytes(path));
        Assert.Equal(AppendResult.Appended, journal.Append(first.Length, second));
        Assert.Equal((byte[])[.. first, .. second], File.ReadAllBytes(path));
        journal.Close();
    }

    [Fact]
    public async Task Far_more_journals_than_handles_are_written_in_turn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Handles are counted in /proc.");
        await using var home = new EmbeddedHome();
        const int Count = 300;
        for (var round = 0; round < 2; round++)
        {
            for (var shard = 0; shard < Count; shard++)
            {
                var id = Id with { Shard = shard };
                await home.Journals.CreateAsync(id, Cancel);
                var result = await home.Journals.AppendAsync(id, round * Frame(1).Length, Frame(1), Cancel);
                Assert.Equal(AppendResult.Appended, result);
            }
        }

        var open = Directory.EnumerateFiles("/proc/self/fd")
            .Count(handle => new FileInfo(handle).LinkTarget?.StartsWith(home.Folder + "/journals", StringComparison.Ordinal) == true);
        Assert.InRange(open, 1, 256);
    }

    private static byte[] Frame(int number)
    {
        var frame = new byte[JournalFrame.HeaderSize + 90];
        new Random(number).NextBytes(frame);
        JournalFrame.Seal(frame, epoch: 1, sequence: number, new Guid(number, 0, 0, new byte[8]));
        return frame;
    }

    private static async Task<string> WriteAsync(EmbeddedHome home, params byte[][] frames)
    {
        await home.Journals.CreateAsync(Id, Cancel);
        var position = 0L;
        foreach (var frame in frames)
        {
            await home.Journals.AppendAsync(Id, position, frame, Cancel);
            position += frame.Length;
        }

        return Path.Combine(home.Folder, "journals", Id.Name);
    }
}
