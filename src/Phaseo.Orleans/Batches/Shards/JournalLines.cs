using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Fetches the lines that a ledger points to, from the journal or from the blob that holds a large one.</summary>
internal sealed class JournalLines(IJournalStore journals, IBlobStore blobs, JournalId id)
{
    private const int InMemoryUpTo = 8 * 1024 * 1024;
    private byte[]? _whole;

    /// <summary>Reads the journal into memory if it is small: one read instead of one a row.</summary>
    public async Task PreloadAsync(long length, CancellationToken cancellation)
    {
        if (length is > 0 and <= InMemoryUpTo)
        {
            _whole = await ReadJournalAsync(0, (int)length, cancellation);
        }
    }

    /// <summary>The line's bytes, line feed included.</summary>
    public ValueTask<ReadOnlyMemory<byte>> GetAsync(JournalSpan line, CancellationToken cancellation) =>
        _whole is { } journal && !line.External
            ? new(journal.AsMemory((int)line.Position, line.Length))
            : new(FetchAsync(line, cancellation));

    /// <summary>The line's bytes in memory of their own.</summary>
    public async Task<byte[]> ReadAsync(JournalSpan line, CancellationToken cancellation)
    {
        var bytes = await ReadJournalAsync(line.Position, line.Length, cancellation);
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

    private async Task<ReadOnlyMemory<byte>> FetchAsync(JournalSpan line, CancellationToken cancellation) =>
        await ReadAsync(line, cancellation);

    private async Task<byte[]> ReadJournalAsync(long position, int length, CancellationToken cancellation)
    {
        var stream = await journals.OpenReadAsync(id, position, cancellation)
            ?? throw new InvalidDataException($"The journal {id.Name} is gone.");
        await using (stream)
        {
            var bytes = new byte[length];
            await stream.ReadExactlyAsync(bytes, cancellation);
            return bytes;
        }
    }
}
