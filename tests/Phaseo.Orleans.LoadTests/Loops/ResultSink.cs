using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary>Appends result lines to a new file through one buffer. Safe for many writers; nothing is durable.</summary>
internal sealed class ResultSink(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
    private byte[] _buffer = new byte[1 << 18];
    private int _used;
    private long _position;

    /// <summary>Lines so far.</summary>
    public int Lines { get; private set; }

    /// <summary>Writes one line: the raw token of the custom id, the status, and the answer's body as it came.</summary>
    public void Add(ReadOnlySpan<byte> customId, int status, ReadOnlySpan<byte> body)
    {
        lock (_gate)
        {
            Reserve(customId.Length + body.Length + 128);
            Write("{\"id\":null,\"custom_id\":"u8);
            Write(customId);
            Write(",\"response\":{\"status_code\":"u8);
            Utf8Formatter.TryFormat(status, _buffer.AsSpan(_used), out var digits);
            _used += digits;
            Write(",\"request_id\":null,\"body\":"u8);
            Write(body);
            Write("},\"error\":null}\n"u8);
            Lines++;
        }
    }

    /// <summary>Writes out what is left.</summary>
    public void Dispose()
    {
        Flush();
        _file.Dispose();
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _used >= bytes)
        {
            return;
        }

        Flush();
        if (_buffer.Length < bytes)
        {
            _buffer = new byte[bytes];
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Flush()
    {
        RandomAccess.Write(_file, _buffer.AsSpan(0, _used), _position);
        _position += _used;
        _used = 0;
    }
}
