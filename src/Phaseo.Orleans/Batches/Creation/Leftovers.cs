using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>What a create leaves behind when its id never gets a state.</summary>
internal sealed class Leftovers(IFileReferences references, IOpenBatches open)
{
    /// <summary>
    /// Removes it. Only for an id under which nothing can start any more. The open row goes last, because it is what
    /// leads whoever cleans up to the rest.
    /// </summary>
    public async Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation)
    {
        await references.RemoveAsync(workspace, fileId, batchId, cancellation);
        FailPoint.Reach("K2-leftovers");
        await open.RemoveAsync(workspace, batchId, cancellation);
    }
}
