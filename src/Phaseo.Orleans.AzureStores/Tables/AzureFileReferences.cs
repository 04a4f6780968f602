using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>File references as rows: partition workspace, row file and batch, so that those of a file lie together.</summary>
internal sealed class AzureFileReferences(AzureHome home) : IFileReferences
{
    // Sorts behind every character of an id.
    private const char Bar = '|';
    private const char AfterBar = '}';

    /// <inheritdoc/>
    public Task AddAsync(FileReference reference, CancellationToken cancellation) => home.References.TryAddAsync(
        new TableEntity(reference.Workspace, RowOf(reference.FileId, reference.BatchId))
        {
            ["FileId"] = reference.FileId,
            ["BatchId"] = reference.BatchId,
            ["AddedAt"] = reference.AddedAt.UtcTicks,
        },
        cancellation);

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) =>
        home.References.TryRemoveAsync(workspace, RowOf(fileId, batchId), ETag.All, cancellation);

    /// <inheritdoc/>
    public async Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {workspace} and RowKey gt {fileId + Bar} and RowKey lt {fileId + AfterBar}");
        return await home.References.QueryRowsAsync(filter, cancellation).AnyAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileReference> ListAsync(
        DateTimeOffset addedBefore, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"AddedAt lt {addedBefore.UtcTicks}");
        await foreach (var row in home.References.QueryRowsAsync(filter, cancellation).ConfigureAwait(false))
        {
            yield return new FileReference(
                row.PartitionKey, row.GetString("FileId"), row.GetString("BatchId"), row.Time("AddedAt"));
        }
    }

    private static string RowOf(string fileId, string batchId) => fileId + Bar + batchId;
}
