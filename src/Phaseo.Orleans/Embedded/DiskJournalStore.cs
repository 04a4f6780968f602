using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// Journals as files. The folder's lock makes this process the only one, and <see cref="JournalFile"/> one writer per
/// journal in it, so comparing the position with the end that the writer knows is Azure's compare-and-append.
/// </summary>
internal sealed partial class DiskJournalStore(DataFolder folder, IoThreads threads, ILogger<DiskJournalStore> logger)
    : IJournalStore, IDisposable
{
    // A shard appends about once a second, so writers far beyond the running shards are idle ones.
    private const int MaxOpenHandles = 256;

    private readonly ConcurrentDictionary<JournalId, JournalFile> _files = new();
    private readonly RecentFiles _open = new(MaxOpenHandles);

    /// <inheritdoc/>
    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) =>
        UseAsync(id, file => file.TryCreate(folder.Journals), cancellation);

    /// <summary>
    /// Appends. Once the write has begun the call ends with it, whatever the token says: the bytes belong to the
    /// caller again afterwards.
    /// </summary>
    public Task<AppendResult> AppendAsync(
        JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation) =>
        UseAsync(id, file => file.Append(position, flush.Span), cancellation);

    /// <inheritdoc/>
    public async Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return await UseAsync(id, Open, cancellation).ConfigureAwait(false);

        FileRangeStream? Open(JournalFile file) => file.FindEnd() is { } end
            ? DiskFiles.TryOpenRange(file.Path, position, Math.Max(0, end - position))
            : null;
    }

    /// <inheritdoc/>
    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) =>
        UseAsync(id, file => file.FindEnd(), cancellation);

    /// <inheritdoc/>
    public Task DeleteAsync(JournalId id, CancellationToken cancellation) => UseAsync(
        id,
        file =>
        {
            file.Delete(folder.Journals);
            return true;
        },
        cancellation);

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Close();
        }
    }

    /// <summary>Runs an act as the journal's only user; an object whose journal is gone leaves the table with it.</summary>
    private async Task<T> UseAsync<T>(JournalId id, Func<JournalFile, T> act, CancellationToken cancellation)
    {
        var path = folder.Journals.PathOf(id.Name);
        while (true)
        {
            var file = _files.GetOrAdd(id, static (_, at) => new JournalFile(at), path);
            await file.Gate.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                if (file.Over)
                {
                    // It went while we waited; whoever removed it from the table has done so by now.
                    continue;
                }

                return await threads.RunAsync(() => act(file)).ConfigureAwait(false);
            }
            finally
            {
                Settle(id, file);
                file.Gate.Release();
            }
        }
    }

    private void Settle(JournalId id, JournalFile file)
    {
        if (file.TakeDropped() is > 0 and var dropped)
        {
            LogDropped(logger, id.Batch, id.Shard, dropped);
        }

        if (file.Over)
        {
            _files.TryRemove(new(id, file));
            _open.Forget(file);
        }
        else
        {
            _open.Touch(file);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Journal of shard {Shard} of batch {BatchId} ended in {Bytes} bytes of an unfinished flush, dropped")]
    private static partial void LogDropped(ILogger logger, string batchId, int shard, long bytes);
}
