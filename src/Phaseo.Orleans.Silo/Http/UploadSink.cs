using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// Takes the bytes of an upload to storage as they come, and knows at the end what the record needs: their number,
/// their lines and a hash that tells whether another upload asked for the same.
/// </summary>
internal sealed class UploadSink(IBlobUpload blob) : IAsyncDisposable
{
    private const byte LineFeed = (byte)'\n';

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _lineFeeds;
    private byte _last = LineFeed;

    /// <summary>How many so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Lines, an unfinished last one too.</summary>
    public long Lines => _lineFeeds + (_last == LineFeed ? 0 : 1);

    /// <summary>Takes some bytes, at least one.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _hash.AppendData(bytes.Span);
        _lineFeeds += bytes.Span.Count(LineFeed);
        _last = bytes.Span[^1];
        Bytes += bytes.Length;
        return blob.WriteAsync(bytes, cancellation);
    }

    /// <summary>Makes the bytes durable. Whatever is disposed without it leaves nothing behind.</summary>
    public Task CommitAsync(CancellationToken cancellation) => blob.CommitAsync(cancellation);

    /// <summary>SHA-256, lower-case hex, of the bytes, the name and the expiry. Once, at the end.</summary>
    public string HashWith(string filename, TimeSpan? expiresAfter)
    {
        // No name holds a NUL (Shown.FileName), so the parts cannot be shifted against each other.
        var seconds = expiresAfter?.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _hash.AppendData(Encoding.UTF8.GetBytes($"\0{filename}\0batch\0{seconds}"));
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await blob.DisposeAsync();
    }
}
