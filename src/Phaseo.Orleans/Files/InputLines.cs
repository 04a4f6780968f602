using System.Buffers;

namespace Phaseo.Orleans.Files;

/// <summary>One line of an input file. Its content is valid until <see cref="InputLines"/> is filled again.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Offset">Where its first byte is in the file; a byte order mark counts.</param>
/// <param name="Length">Its bytes in the file, with its end.</param>
/// <param name="ContentOffset">Where its content starts in the file.</param>
/// <param name="Content">Its content (<see cref="Lines"/>); empty when it is too long.</param>
/// <param name="IsTooLong">Whether its content passes the bound.</param>
internal readonly record struct InputLine(
    int Number, long Offset, long Length, long ContentOffset, ReadOnlyMemory<byte> Content, bool IsTooLong);

/// <summary>
/// Cuts a stream into lines, each in one piece of memory. Holds one line and what was read beyond it: never more than
/// the longest line allowed, because the rest of one that is too long is read past and not kept.
/// </summary>
/// <remarks>
/// A buffer of our own and not a <c>PipeReader</c>: its lines lie across segments, and a reader over segments costs
/// more on each line than one copy of the last, incomplete line of each buffer.
/// </remarks>
internal sealed class InputLines(Stream input, int maxLineBytes) : IDisposable
{
    private const int FirstBufferBytes = 256 * 1024;

    // A line of this length is too long, whatever of it is mark or end.
    private readonly int _tooLong = maxLineBytes + Lines.ByteOrderMark.Length + 2;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _start;
    private int _searched;
    private int _end;
    private int _number = 1;
    private long _offset;
    private long _dropped;
    private bool _hasEnded;

    /// <summary>Takes the next line that is complete; false: <see cref="FillAsync"/> must bring more.</summary>
    public bool TryRead(out InputLine line)
    {
        var unread = _buffer.AsSpan(_start.._end);
        var feed = unread[_searched..].IndexOf(Lines.LineFeed);
        if (feed >= 0)
        {
            line = Take(_searched + feed, endLength: 1);
            return true;
        }

        _searched = unread.Length;
        if (_hasEnded && unread.Length + _dropped > 0)
        {
            line = Take(unread.Length, endLength: 0);
            return true;
        }

        if (_dropped > 0 || unread.Length >= _tooLong)
        {
            _dropped += unread.Length;
            _start = _end = _searched = 0;
        }

        line = default;
        return false;
    }

    /// <summary>Reads on; false: there is nothing more, and every line was taken.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_hasEnded)
        {
            return false;
        }

        MakeRoom();
        var read = await input.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        _hasEnded = read == 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private InputLine Take(int length, int endLength)
    {
        var raw = _buffer.AsMemory(_start, length);
        var content = Lines.ContentOf(raw.Span, isFileStart: _offset == 0 && _dropped == 0);
        var isTooLong = _dropped > 0 || content.Length > maxLineBytes;
        var whole = _dropped + length + endLength;
        var line = new InputLine(
            _number, _offset, whole, _offset + content.Offset, isTooLong ? default : content.Of(raw), isTooLong);
        _number++;
        _offset += whole;
        _start += length + endLength;
        _searched = 0;
        _dropped = 0;
        return line;
    }

    private void MakeRoom()
    {
        var unread = _buffer.AsSpan(_start.._end);
        if (_start > 0)
        {
            unread.CopyTo(_buffer);
        }
        else if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            unread.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _start = 0;
        _end = unread.Length;
    }
}
