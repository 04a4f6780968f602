using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IFileReferences"/> does.</summary>
public abstract class FileReferencesConformance : StorageConformance
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 3, 12, 0, 0, TimeSpan.Zero);

    private IFileReferences References => Home.References;

    [Fact]
    public async Task File_without_a_reference_is_free() =>
        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));

    [Fact]
    public async Task File_is_held_until_its_last_reference_is_removed()
    {
        await References.AddAsync(Reference("file-1", "batch_1"), Cancel);
        await References.AddAsync(Reference("file-1", "batch_2"), Cancel);
        await Home.ReopenAsync();

        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);
        Assert.True(await References.AnyAsync(Workspace, "file-1", Cancel));

        await References.RemoveAsync(Workspace, "file-1", "batch_2", Cancel);
        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));
    }

    [Fact]
    public async Task Reference_added_twice_is_one()
    {
        await References.AddAsync(Reference("file-1", "batch_1"), Cancel);
        await References.AddAsync(Reference("file-1", "batch_1"), Cancel);

        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);
        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);

        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));
    }

    [Fact]
    public async Task References_of_other_files_and_workspaces_are_apart()
    {
        await References.AddAsync(Reference("file-1", "batch_1"), Cancel);

        Assert.False(await References.AnyAsync(Workspace, "file-2", Cancel));
        Assert.False(await References.AnyAsync(Workspace + "x", "file-1", Cancel));
    }

    [Fact]
    public async Task List_has_the_references_that_are_older()
    {
        var old = Reference("file-1", "batch_1");
        await References.AddAsync(old, Cancel);
        await References.AddAsync(Reference("file-1", "batch_2") with { AddedAt = Noon.AddTicks(1) }, Cancel);
        await References.AddAsync(Reference("file-2", "batch_3") with { AddedAt = Noon.AddHours(1) }, Cancel);

        Assert.Empty(await ListAsync(Noon));
        Assert.Equal([old], await ListAsync(Noon.AddTicks(1)));
        Assert.Equal(["batch_1", "batch_2"], (await ListAsync(Noon.AddHours(1))).Select(one => one.BatchId));
    }

    [Fact]
    public async Task Reference_added_again_keeps_its_age()
    {
        await References.AddAsync(Reference("file-1", "batch_1"), Cancel);
        await References.AddAsync(Reference("file-1", "batch_1") with { AddedAt = Noon.AddHours(1) }, Cancel);

        Assert.Equal([Reference("file-1", "batch_1")], await ListAsync(DateTimeOffset.MaxValue));
    }

    [Fact]
    public async Task Long_list_is_whole()
    {
        var all = Enumerable.Range(0, 1_234).Select(i => Reference($"file-{i / 10:D4}", $"batch_{i:D4}")).ToList();
        await Task.WhenAll(all.Select(one => References.AddAsync(one, Cancel)));

        var listed = await ListAsync(DateTimeOffset.MaxValue);

        Assert.Equal(all, listed.OrderBy(one => one.BatchId, StringComparer.Ordinal));
    }

    private FileReference Reference(string fileId, string batchId) => new(Workspace, fileId, batchId, Noon);

    private async Task<List<FileReference>> ListAsync(DateTimeOffset addedBefore) =>
        await References.ListAsync(addedBefore, Cancel).Where(one => one.Workspace == Workspace).ToListAsync(Cancel);
}
