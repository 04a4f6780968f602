using System.Text;
using CommunityToolkit.HighPerformance.Buffers;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Fetches the lines that a ledger points to, from the journal or from the blob that holds a large one.</summary>
internal sealed class JournalLines(IJournalStore journals, IBlobStore blobs, JournalId id) : IDisposable
{
    private const int InMemoryUpTo = 8 * 1024 * 1024;
    private MemoryOwner<byte>? _whole;

    /// <summary>Reads the journal into memory if it is small: one read instead of one a row.</summary>
    public async Task PreloadAsync(long length, CancellationToken cancellation)
    {
        if (length is > 0 and <= InMemoryUpTo)
        {
            _whole = MemoryOwner<byte>.Allocate((int)length);
            await ReadJournalAsync(0, _whole.Memory, cancellation);
        }
    }

    /// <summary>The line's bytes, line feed included. Valid until <see cref="Dispose"/>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> GetAsync(JournalSpan line, CancellationToken cancellation) =>
        _whole is { } journal && !line.External
            ? new(journal.Memory.Slice((int)line.Position, line.Length))
            : new(FetchAsync(line, cancellation));

    /// <summary>The line's bytes in memory of their own.</summary>
    public async Task<byte[]> ReadAsync(JournalSpan line, CancellationToken cancellation)
    {
        var bytes = new byte[line.Length];
        await ReadJournalAsync(line.Position, bytes, cancellation);
        if (!line.External)
        {
            return bytes;
        }

        var name = Encoding.ASCII.GetString(bytes);
        var length = await blobs.GetLengthAsync(name, cancellation)
            ?? throw new InvalidDataException($"The line {name} that a journal names is gone.");
        var stream = await blobs.OpenReadAsync(name, 0, null, cancellation)
            ?? throw new InvalidDataException($"The line {name} that a journal names is gone.");
        await using (stream)
        {
            var large = new byte[length];
            await stream.ReadExactlyAsync(large, cancellation);
            return large;
        }
    }

    /// <summary>Gives the memory back. Only when no line of it is in use, nor a read that was cancelled.</summary>
    public void Dispose() => _whole?.Dispose();

    private async Task<ReadOnlyMemory<byte>> FetchAsync(JournalSpan line, CancellationToken cancellation) =>
        await ReadAsync(line, cancellation);

    private async Task ReadJournalAsync(long position, Memory<byte> bytes, CancellationToken cancellation)
    {
        var stream = await journals.OpenReadAsync(id, position, cancellation)
            ?? throw new InvalidDataException($"The journal {id.Name} is gone.");
        await using (stream)
        {
            await stream.ReadExactlyAsync(bytes, cancellation);
        }
    }
}
