using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>An upload into a file without a name that anybody looks for; only the commit gives it one.</summary>
internal sealed class DiskUpload(IoThreads threads, SafeFileHandle file, string tempPath, Func<string, bool> publish) : IBlobUpload
{
    // HTTP hands over a few KiB at a time; a change of threads for each would cost more than the write.
    private const int BufferBytes = 256 * 1024;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _buffered;
    private long _written;
    private bool _finished;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var buffer = _buffer ?? throw new ObjectDisposedException(nameof(DiskUpload));
        if (bytes.Length > buffer.Length - _buffered)
        {
            await FlushAsync().ConfigureAwait(false);
        }

        if (bytes.Length >= buffer.Length)
        {
            await threads.RunAsync(() => RandomAccess.Write(file, bytes.Span, _written)).ConfigureAwait(false);
            _written += bytes.Length;
            return;
        }

        bytes.CopyTo(buffer.AsMemory(_buffered));
        _buffered += bytes.Length;
    }

    /// <inheritdoc/>
    public async Task<bool> CommitAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await FlushAsync().ConfigureAwait(false);
        var created = await threads.RunAsync(() =>
        {
            RandomAccess.FlushToDisk(file);
            file.Dispose();
            return publish(tempPath);
        }).ConfigureAwait(false);
        _finished = true;
        return created;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_buffer is not { } buffer)
        {
            return;
        }

        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
        if (!_finished)
        {
            await threads.RunAsync(() =>
            {
                file.Dispose();
                File.Delete(tempPath);
            }).ConfigureAwait(false);
        }
    }

    private async ValueTask FlushAsync()
    {
        if (_buffered == 0)
        {
            return;
        }

        await threads.RunAsync(() => RandomAccess.Write(file, _buffer.AsSpan(0, _buffered), _written)).ConfigureAwait(false);
        _written += _buffered;
        _buffered = 0;
    }
}
