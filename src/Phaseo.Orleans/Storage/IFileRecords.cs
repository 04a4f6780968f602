namespace Phaseo.Orleans.Storage;

/// <summary>What is known of each file. The bytes are a blob; the record says which.</summary>
public interface IFileRecords
{
    /// <summary>Creates the record. False: a record of that id was there already and is untouched.</summary>
    Task<bool> CreateAsync(FileRecord record, CancellationToken cancellation);

    /// <summary>The record, hidden ones too; null when there is none.</summary>
    Task<FileRecord?> GetAsync(string workspace, string fileId, CancellationToken cancellation);

    /// <summary>Live records of a workspace: not hidden and not past their expiry at <see cref="FileQuery.Now"/>.</summary>
    Task<IReadOnlyList<FileRecord>> ListAsync(FileQuery query, CancellationToken cancellation);

    /// <summary>Hides the file for good. False: it was hidden already, or there is none.</summary>
    Task<bool> HideAsync(string workspace, string fileId, CancellationToken cancellation);

    /// <summary>Records whose bytes may be due for removal: hidden, or expired before <paramref name="now"/>.</summary>
    IAsyncEnumerable<FileRecord> ListDeadAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>
    /// Whether any record of the workspace, hidden ones too, has its bytes there. Asked only of blobs that look
    /// forgotten, so it may be slow.
    /// </summary>
    Task<bool> NamesBlobAsync(string workspace, string blobName, CancellationToken cancellation);

    /// <summary>Removes the record; none there is no error.</summary>
    Task RemoveAsync(string workspace, string fileId, CancellationToken cancellation);
}

/// <summary>One file.</summary>
/// <param name="Workspace">Whose it is.</param>
/// <param name="Id"><c>file-…</c>, sorts by creation time.</param>
/// <param name="BlobName">Where the bytes are.</param>
/// <param name="Bytes">Their number.</param>
/// <param name="Lines">Line feeds counted while uploading, plus one for an unfinished last line.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="ExpiresAt">From then on it answers 404.</param>
/// <param name="Filename">The client's name for it; only ever shown, never used as a path.</param>
/// <param name="Purpose"><c>batch</c> or <c>batch_output</c>.</param>
/// <param name="Hidden">Deleted by the client.</param>
public sealed record FileRecord(
    string Workspace,
    string Id,
    string BlobName,
    long Bytes,
    long Lines,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    string Filename,
    string Purpose,
    bool Hidden)
{
    /// <summary>Whether a client may see the file at <paramref name="now"/>.</summary>
    public bool IsLive(DateTimeOffset now) => !Hidden && now < ExpiresAt;
}

/// <summary>What a list of files asks for.</summary>
/// <param name="Workspace">Whose files.</param>
/// <param name="Now">Files expired by then are left out.</param>
/// <param name="Limit">Records at most, from 1.</param>
/// <param name="Purpose">Only this purpose; null: all.</param>
/// <param name="Descending">Newest first.</param>
/// <param name="After">Only files behind this id in the chosen order; null from the start.</param>
public sealed record FileQuery(
    string Workspace, DateTimeOffset Now, int Limit, string? Purpose, bool Descending, string? After);

/// <summary>Which batches hold which files. A file's bytes stay while one reference is left.</summary>
public interface IFileReferences
{
    /// <summary>Adds the reference; one that is there already stays as it is.</summary>
    Task AddAsync(FileReference reference, CancellationToken cancellation);

    /// <summary>Removes the reference; none there is no error.</summary>
    Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation);

    /// <summary>Whether any batch holds the file.</summary>
    Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation);

    /// <summary>All references that were added before <paramref name="addedBefore"/>.</summary>
    IAsyncEnumerable<FileReference> ListAsync(DateTimeOffset addedBefore, CancellationToken cancellation);
}

/// <summary>A batch's hold on its input file.</summary>
/// <param name="Workspace">Whose they are.</param>
/// <param name="FileId">The file.</param>
/// <param name="BatchId">The batch.</param>
/// <param name="AddedAt">When the reference was first added.</param>
public sealed record FileReference(string Workspace, string FileId, string BatchId, DateTimeOffset AddedAt);
