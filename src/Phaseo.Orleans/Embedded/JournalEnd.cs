using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Embedded;

/// <summary>Finds where the last whole flush of a journal ends, in a file that a crash may have left with half of one.</summary>
internal static class JournalEnd
{
    /// <summary>The end of the frames that are whole from the file's start on.</summary>
    public static long Find(SafeFileHandle file, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(JournalFrame.MaxSize);
        try
        {
            var end = 0L;
            while (end < length)
            {
                var header = buffer.AsSpan(0, JournalFrame.HeaderSize);
                if (!TryFill(file, end, header) || !JournalFrame.TryReadHeader(header, out var found))
                {
                    break;
                }

                var frame = buffer.AsSpan(0, found.FrameLength);
                if (!TryFill(file, end, frame) || !JournalFrame.Verify(frame))
                {
                    break;
                }

                end += frame.Length;
            }

            return end;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool TryFill(SafeFileHandle file, long position, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, position);
            if (read == 0)
            {
                return false;
            }

            position += read;
            buffer = buffer[read..];
        }

        return true;
    }
}
