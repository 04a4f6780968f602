using System.Collections.Concurrent;
using System.Text.Json;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Silo.Wire;

/// <summary>
/// The batch object as UTF-8, kept by (id, version) since a saved version never changes: whoever polls gets the same
/// bytes without serialising them again. Holds between one and two generations of entries, then forgets the older.
/// </summary>
internal sealed class BatchBytes
{
    private const int GenerationSize = 1024;

    // A failed batch with a hundred faults is big and rarely asked for twice.
    private const int MaxKeptBytes = 8 * 1024;

    private ConcurrentDictionary<string, Entry> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Entry> _old = new(StringComparer.Ordinal);

    /// <summary>The object's bytes.</summary>
    public ReadOnlyMemory<byte> Of(BatchView batch)
    {
        var young = _young;
        if (young.TryGetValue(batch.Id, out var entry) && entry.Version == batch.Version)
        {
            return entry.Bytes;
        }

        if (!_old.TryGetValue(batch.Id, out entry) || entry.Version != batch.Version)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(BatchMap.From(batch), WireFormat.Options);
            entry = new Entry(batch.Version, bytes);
        }

        Keep(young, batch.Id, entry);
        return entry.Bytes;
    }

    /// <summary>The weak entity tag of a version.</summary>
    public static string ETag(BatchView batch) => string.Create(null, stackalloc char[32], $"W/\"{batch.Version}\"");

    private void Keep(ConcurrentDictionary<string, Entry> young, string id, Entry entry)
    {
        if (entry.Bytes.Length > MaxKeptBytes)
        {
            return;
        }

        young[id] = entry;
        if (young.Count > GenerationSize
            && Interlocked.CompareExchange(ref _young, new(StringComparer.Ordinal), young) == young)
        {
            _old = young;
        }
    }

    private sealed record Entry(long Version, byte[] Bytes);
}
