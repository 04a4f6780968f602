namespace Phaseo.Orleans.Storage;

/// <summary>
/// The driver's source: one row for every batch that is not terminal with all acts done. Written before the batch's
/// first state, removed after its last.
/// </summary>
public interface IOpenBatches
{
    /// <summary>Adds the row; a row that is there already stays as it is.</summary>
    Task AddAsync(OpenBatch row, CancellationToken cancellation);

    /// <summary>Sets the heartbeat of a row that exists. False: there is none (and none is made).</summary>
    Task<bool> BeatAsync(string workspace, string batchId, DateTimeOffset at, CancellationToken cancellation);

    /// <summary>All open rows whose heartbeat is older than <paramref name="olderThan"/>; null: all rows.</summary>
    IAsyncEnumerable<OpenBatch> ListAsync(DateTimeOffset? olderThan, CancellationToken cancellation);

    /// <summary>Removes the row; none there is no error.</summary>
    Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation);
}

/// <summary>A batch that is owed something.</summary>
/// <param name="Workspace">Whose it is.</param>
/// <param name="BatchId">The batch.</param>
/// <param name="FileId">Its input file, so that whoever abandons it can release the reference.</param>
/// <param name="CreatedAt">When the row was made.</param>
/// <param name="Deadline">When the batch expires.</param>
/// <param name="Heartbeat">When an active BatchGrain last said that it lives; <paramref name="CreatedAt"/> at first.</param>
public sealed record OpenBatch(
    string Workspace, string BatchId, string FileId, DateTimeOffset CreatedAt, DateTimeOffset Deadline, DateTimeOffset Heartbeat);
