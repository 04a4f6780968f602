namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Passes bytes on and notices the mark that the built-in simulator leaves in every answer.</summary>
internal sealed class SimulatorWatch(Stream target) : Stream
{
    private byte[] _tail = [];

    /// <summary>Whether the mark has gone by.</summary>
    public bool Found { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private static ReadOnlySpan<byte> Mark => "\"system_fingerprint\":\"phaseo-simulator\""u8;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Look(buffer.Span);
        return target.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count)
    {
        Look(buffer.AsSpan(offset, count));
        target.Write(buffer, offset, count);
    }

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Look(ReadOnlySpan<byte> bytes)
    {
        if (Found)
        {
            return;
        }

        // The mark may lie across two writes: the end of the last one is looked at again with the start of this one.
        var seam = (byte[])[.. _tail, .. bytes[..Math.Min(bytes.Length, Mark.Length)]];
        Found = seam.AsSpan().IndexOf(Mark) >= 0 || bytes.IndexOf(Mark) >= 0;
        var end = bytes.Length >= Mark.Length ? bytes : seam;
        _tail = end[^Math.Min(end.Length, Mark.Length - 1)..].ToArray();
    }
}
