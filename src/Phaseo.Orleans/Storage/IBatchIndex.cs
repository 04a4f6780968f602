namespace Phaseo.Orleans.Storage;

/// <summary>
/// A projection of batches for lists. It is never the truth: a row carries the version of the state it was made
/// from and is written only over a lower one. Batch ids sort by creation time, so "newest first" is descending id.
/// </summary>
public interface IBatchIndex
{
    /// <summary>Writes the row if its version is above the stored one. False: a newer or equal one is there.</summary>
    Task<bool> UpsertAsync(BatchIndexRow row, CancellationToken cancellation);

    /// <summary>Rows of one workspace, newest first.</summary>
    Task<IReadOnlyList<BatchIndexRow>> ListAsync(BatchIndexQuery query, CancellationToken cancellation);

    /// <summary>All rows, of all workspaces, that were made from a state which was not terminal.</summary>
    IAsyncEnumerable<BatchIndexRow> ListUnfinishedAsync(CancellationToken cancellation);

    /// <summary>Removes a row; none there is no error.</summary>
    Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation);
}

/// <summary>One batch as the index knows it.</summary>
/// <param name="Workspace">Whose it is.</param>
/// <param name="BatchId">The batch.</param>
/// <param name="Version">The version of the state that the row was made from.</param>
/// <param name="Terminal">Whether that state was terminal, and so final.</param>
/// <param name="Status">The contract's status word.</param>
/// <param name="SessionId">The session, or null.</param>
/// <param name="Metadata">The client's pairs.</param>
/// <param name="Snapshot">The <c>BatchView</c> as JSON (UTF-8).</param>
public sealed record BatchIndexRow(
    string Workspace,
    string BatchId,
    long Version,
    bool Terminal,
    string Status,
    string? SessionId,
    IReadOnlyDictionary<string, string> Metadata,
    ReadOnlyMemory<byte> Snapshot);

/// <summary>What a list asks for.</summary>
/// <param name="Workspace">Whose batches.</param>
/// <param name="Limit">Rows at most, from 1.</param>
/// <param name="After">Only batches older than this id; null from the newest.</param>
/// <param name="Statuses">
/// Only rows with one of these statuses; rows that are not terminal always match, since their status may have moved
/// on and the caller asks the grain. Empty: all.
/// </param>
/// <param name="SessionId">Only this session; null: all.</param>
/// <param name="Metadata">Only rows that carry all of these pairs.</param>
public sealed record BatchIndexQuery(
    string Workspace,
    int Limit,
    string? After,
    IReadOnlyList<string> Statuses,
    string? SessionId,
    IReadOnlyDictionary<string, string> Metadata);
