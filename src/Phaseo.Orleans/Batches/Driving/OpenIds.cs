using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>The ids of all open batches, to tell what belongs to none of them.</summary>
internal static class OpenIds
{
    /// <summary>Reads them. What they are compared with must have been read before.</summary>
    public static async Task<HashSet<string>> ReadAsync(IOpenBatches open, CancellationToken cancellation)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in open.ListAsync(olderThan: null, cancellation))
        {
            ids.Add(row.BatchId);
        }

        return ids;
    }
}
