using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>Names and contents of the files in an embedded home's folder.</summary>
public sealed class StoredFolderTests
{
    private const string Golden = "folder.txt";
    private const string Part = "000000-0000-00112233445566778899aabbccddeeff";
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly string Output = BlobNames.Output("ws", BatchScenes.Id);
    private static readonly string Errors = BlobNames.Errors("ws", BatchScenes.Id);
    private static readonly BlobBlock[] Committed = [new(Part, 5), new(Part.Replace("-0000-", "-0001-", StringComparison.Ordinal), 3)];
    private static readonly JournalId Journal = new("ws", BatchScenes.Id, 7);

    [Fact]
    public async Task Files_are_stored_as_the_golden_has_them()
    {
        string written;
        await using (var home = new EmbeddedHome())
        {
            await home.Blobs.PutAsync(BlobNames.Upload("ws", "file-1"), "input\n"u8.ToArray(), None);
            await home.Blobs.StageAsync(Output, Committed[0].Id, "rows\n"u8.ToArray(), None);
            await home.Blobs.StageAsync(Output, Committed[1].Id, "at\n"u8.ToArray(), None);
            await home.Blobs.CommitAsync(Output, Committed, None);
            await home.Blobs.StageAsync(Errors, Part, "waits\n"u8.ToArray(), None);
            await home.Journals.CreateAsync(Journal, None);
            await home.Journals.AppendAsync(Journal, 0, Fence(), None);
            written = Files(home.Folder);
        }

        StoredGolden.Check(Golden, written);
    }

    [Fact]
    public async Task Files_of_every_golden_are_read()
    {
        foreach (var golden in StoredGolden.ReadAll(Golden))
        {
            await using var home = new EmbeddedHome(folder => Restore(folder, golden));

            Assert.Equal("input\n", await ReadAsync(home, BlobNames.Upload("ws", "file-1")));
            Assert.Equal("rows\nat\n", await ReadAsync(home, Output));
            Assert.Equal(CommitResult.AlreadyCommitted, await home.Blobs.CommitAsync(Output, Committed, None));
            Assert.Equal(6, (await home.Blobs.ListStagedAsync(Errors, None))[Part]);
            Assert.Equal(Fence().Length, await home.Journals.GetLengthAsync(Journal, None));
            Assert.Equal(
                [BlobNames.Upload("ws", "file-1"), Output],
                (await home.Blobs.ListAsync("", None).ToListAsync(None)).Order(StringComparer.Ordinal).Reverse());
        }
    }

    private static byte[] Fence()
    {
        var writer = new JournalWriter();
        writer.Fence();
        return writer.Seal(1, 1, new Guid("01234567-89ab-cdef-0123-456789abcdef")).ToArray();
    }

    private static string Files(string folder)
    {
        var text = new StringBuilder();
        foreach (var top in new[] { "blobs", "journals" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, top), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                text.Append($"{Path.GetRelativePath(folder, file)} {Convert.ToHexStringLower(File.ReadAllBytes(file))}\n");
            }
        }

        return text.ToString();
    }

    private static void Restore(string folder, string golden)
    {
        foreach (var line in golden.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, hex) = (line.Split(' ')[0], line.Split(' ')[1]);
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Convert.FromHexString(hex));
        }
    }

    private static async Task<string> ReadAsync(EmbeddedHome home, string name)
    {
        await using var stream = await home.Blobs.OpenReadAsync(name, 0, null, None);
        using var reader = new StreamReader(stream!);
        return await reader.ReadToEndAsync(None);
    }
}
