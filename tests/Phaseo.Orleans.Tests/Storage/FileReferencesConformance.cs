using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every <see cref="IFileReferences"/> does.</summary>
public abstract class FileReferencesConformance : StorageConformance
{
    private IFileReferences References => Home.References;

    [Fact]
    public async Task File_without_a_reference_is_free() =>
        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));

    [Fact]
    public async Task File_is_held_until_its_last_reference_is_removed()
    {
        await References.AddAsync(Workspace, "file-1", "batch_1", Cancel);
        await References.AddAsync(Workspace, "file-1", "batch_2", Cancel);
        await Home.ReopenAsync();

        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);
        Assert.True(await References.AnyAsync(Workspace, "file-1", Cancel));

        await References.RemoveAsync(Workspace, "file-1", "batch_2", Cancel);
        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));
    }

    [Fact]
    public async Task Reference_added_twice_is_one()
    {
        await References.AddAsync(Workspace, "file-1", "batch_1", Cancel);
        await References.AddAsync(Workspace, "file-1", "batch_1", Cancel);

        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);
        await References.RemoveAsync(Workspace, "file-1", "batch_1", Cancel);

        Assert.False(await References.AnyAsync(Workspace, "file-1", Cancel));
    }

    [Fact]
    public async Task References_of_other_files_and_workspaces_are_apart()
    {
        await References.AddAsync(Workspace, "file-1", "batch_1", Cancel);

        Assert.False(await References.AnyAsync(Workspace, "file-2", Cancel));
        Assert.False(await References.AnyAsync(Workspace + "x", "file-1", Cancel));
    }
}
