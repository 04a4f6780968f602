namespace Phaseo.Orleans.Storage;

/// <summary>
/// Append-only files with a compare-and-append, in terms that Azure append blobs can meet. A journal's safety
/// rests on one rule: an append succeeds only at the journal's exact end, so of two writers that know the same end
/// one is refused. Opening a journal drops a flush that a crash left unfinished.
/// </summary>
public interface IJournalStore
{
    /// <summary>Creates an empty journal. False: it was there already and is untouched.</summary>
    Task<bool> CreateAsync(JournalId id, CancellationToken cancellation);

    /// <summary>
    /// Appends one flush (a whole <c>JournalFrame</c>) atomically and durably if the journal ends at
    /// <paramref name="position"/>. An exception leaves it unknown whether the flush is there.
    /// </summary>
    Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation);

    /// <summary>Reads from a position up to the published end; null when there is no such journal.</summary>
    Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation);

    /// <summary>The published end in bytes; null when there is no such journal.</summary>
    Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation);

    /// <summary>Removes a journal. Removing what is not there is no error.</summary>
    Task DeleteAsync(JournalId id, CancellationToken cancellation);
}

/// <summary>One shard's journal: <c>{workspace}/{batch}/journals/{shard}</c>.</summary>
[GenerateSerializer, Immutable, Alias("journal.id")]
public readonly record struct JournalId(
    [property: Id(0)] string Workspace, [property: Id(1)] string Batch, [property: Id(2)] int Shard)
{
    /// <summary>The journal's name in storage.</summary>
    public string Name => BlobNames.Journal(Workspace, Batch, Shard);
}

/// <summary>How an append ended.</summary>
public enum AppendResult
{
    /// <summary>The flush is durable; the journal ends at position + length.</summary>
    Appended = 1,

    /// <summary>The journal ends elsewhere (Azure: 412). Nothing was written.</summary>
    PositionTaken = 2,

    /// <summary>There is no such journal (any more). Nothing was written.</summary>
    Missing = 3,
}
