namespace Phaseo.Orleans.Storage;

/// <summary>
/// Files of any size, in terms that Azure block blobs can meet. A blob is written once, whole or not at all, and
/// its bytes never change. Names are made by us from ids and fixed words (<see cref="BlobNames"/>), never from
/// client text. An outage is an exception (<see cref="StorageUnavailableException"/>); a refusal is a value.
/// </summary>
public interface IBlobStore
{
    /// <summary>Starts an upload of unknown length. Nothing is visible before <see cref="IBlobUpload.CommitAsync"/>.</summary>
    Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation);

    /// <summary>Creates a small blob in one step. False: a blob of that name was there already and is untouched.</summary>
    Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>Keeps a part of a future blob under an id that names its content. Repeating it is harmless.</summary>
    Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>The staged, uncommitted parts of a blob by id, with their lengths.</summary>
    Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation);

    /// <summary>Makes the blob from exactly these parts, in this order, if no blob of that name exists.</summary>
    Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation);

    /// <summary>Opens a range for reading; null when there is no such blob. The stream is forward-only.</summary>
    /// <param name="name">The blob.</param>
    /// <param name="offset">First byte, from 0.</param>
    /// <param name="length">How many bytes at most; null for all that follow.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation);

    /// <summary>The blob's length in bytes; null when there is no such blob.</summary>
    Task<long?> GetLengthAsync(string name, CancellationToken cancellation);

    /// <summary>Removes a blob and its staged parts. Removing what is not there is no error.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>The names of committed blobs that start with <paramref name="prefix"/>.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation);
}

/// <summary>An upload in progress. Disposing it without a commit leaves nothing behind.</summary>
public interface IBlobUpload : IAsyncDisposable
{
    /// <summary>Appends bytes; they may be reused once the call has returned.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Makes the blob durable and visible. False: a blob of that name was there already and is untouched.</summary>
    Task<bool> CommitAsync(CancellationToken cancellation);
}

/// <summary>A staged part: its id and its length in bytes. All ids of one blob have the same length.</summary>
[GenerateSerializer, Immutable, Alias("blob.block")]
public readonly record struct BlobBlock([property: Id(0)] string Id, [property: Id(1)] long Length);

/// <summary>How a commit ended.</summary>
public enum CommitResult
{
    /// <summary>The blob is there now, made of the list.</summary>
    Committed = 1,

    /// <summary>The blob was there already, made of the same list: an earlier try had succeeded.</summary>
    AlreadyCommitted = 2,

    /// <summary>A different blob has that name. It is untouched.</summary>
    Conflict = 3,

    /// <summary>A part of the list is not staged (any more). Stage it again and repeat.</summary>
    MissingBlocks = 4,
}
