using System.Buffers;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>
/// One reader and possible writer of a shard's journal. It knows the position up to which it has read; every append
/// goes there, so a writer that missed something is refused by storage. Folds all it reads and writes into
/// <see cref="Ledger"/>: the append is the commit point of its records.
/// </summary>
internal sealed class ShardJournal(IJournalStore store, JournalId id, ShardLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(100);

    private readonly Guid _activation = Guid.NewGuid();
    private long _epoch;
    private long _sequence;

    /// <summary>What the journal says up to <see cref="Position"/>.</summary>
    public ShardLedger Ledger => ledger;

    /// <summary>Where the next append goes.</summary>
    public long Position { get; private set; }

    /// <summary>Reads on to the published end.</summary>
    public async Task<JournalState> CatchUpAsync(CancellationToken cancellation)
    {
        var stream = await store.OpenReadAsync(id, Position, cancellation);
        if (stream is null)
        {
            return JournalState.Missing;
        }

        await using (stream)
        {
            while (await ReadFrameAsync(stream, cancellation) is { } frame)
            {
                Fold(frame.Header, frame.Bytes.AsSpan(0, frame.Header.FrameLength));
                ArrayPool<byte>.Shared.Return(frame.Bytes);
            }
        }

        return ledger.Outcome != ShardOutcome.None ? JournalState.Sealed : JournalState.Open;
    }

    /// <summary>
    /// Takes the journal over under <paramref name="epoch"/>: reads all of it and appends a fence at its end, again
    /// until one of them is in. From then on no earlier writer can append.
    /// </summary>
    public async Task<JournalState> FenceAsync(long epoch, CancellationToken cancellation)
    {
        _epoch = epoch;
        var fence = new JournalWriter();
        fence.Fence();
        var fences = true;
        Mutant.Change("no-fence", ref fences, false);
        while (true)
        {
            var state = await StorageRetry.UntilAnsweredAsync(time, CatchUpAsync, cancellation);
            if (state != JournalState.Open || !fences)
            {
                return state;
            }

            if (ledger.Epoch > epoch || (ledger.Epoch == epoch && ledger.Activation != _activation))
            {
                return JournalState.Fenced;
            }

            state = await AppendAsync(fence, cancellation);
            if (state != JournalState.Moved)
            {
                return state;
            }
        }
    }

    /// <summary>
    /// Appends a flush and waits until it is known whether it is in: after an answer that was lost the same bytes go
    /// to the same position again. <see cref="JournalState.Open"/>: it is in and folded.
    /// </summary>
    public async Task<JournalState> AppendAsync(JournalWriter flush, CancellationToken cancellation)
    {
        var frame = flush.Seal(_epoch, ++_sequence, _activation);
        while (true)
        {
            var position = Position;
            var result = await StorageRetry.UntilAnsweredAsync(time, token => store.AppendAsync(id, position, frame, token), cancellation);
            var state = result switch
            {
                AppendResult.Appended => Accept(frame.Span),
                AppendResult.Missing => JournalState.Missing,
                AppendResult.PositionTaken => await SettleAsync(frame, cancellation),
            };
            if (state != JournalState.Moved || Position != position)
            {
                return state;
            }

            // Refused, and yet nothing stands there: whoever stops now makes calls again that have their answers.
            await Task.Delay(RefusalPause, time, cancellation);
        }
    }

    private JournalState Accept(ReadOnlySpan<byte> frame)
    {
        JournalFrame.TryReadHeader(frame, out var header);
        Fold(header, frame);
        return JournalState.Open;
    }

    // Somebody's frame is where ours should go. Whose it is says what has happened.
    private async Task<JournalState> SettleAsync(ReadOnlyMemory<byte> mine, CancellationToken cancellation)
    {
        var position = Position;
        JournalFrame.TryReadHeader(mine.Span, out var own);
        var there = await StorageRetry.UntilAnsweredAsync(time, ReadHeaderAsync, cancellation);
        if (there == own)
        {
            return Accept(mine.Span);
        }

        var state = await StorageRetry.UntilAnsweredAsync(time, CatchUpAsync, cancellation);
        if (state != JournalState.Open)
        {
            return state;
        }

        if (ledger.Epoch > _epoch || (ledger.Epoch == _epoch && ledger.Activation != _activation))
        {
            return JournalState.Fenced;
        }

        // Behind our fence stands nobody but us: what was read on is ours, which came in between the two looks.
        return ledger.Activation == _activation && Position != position ? JournalState.Open : JournalState.Moved;
    }

    private async Task<JournalFrameHeader?> ReadHeaderAsync(CancellationToken cancellation)
    {
        var stream = await store.OpenReadAsync(id, Position, cancellation);
        if (stream is null)
        {
            return null;
        }

        await using (stream)
        {
            var bytes = new byte[JournalFrame.HeaderSize];
            var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
            return JournalFrame.TryReadHeader(bytes.AsSpan(0, read), out var header) ? header : null;
        }
    }

    private static async Task<Frame?> ReadFrameAsync(Stream stream, CancellationToken cancellation)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var read = await stream.ReadAtLeastAsync(
            bytes.AsMemory(0, JournalFrame.HeaderSize), JournalFrame.HeaderSize, throwOnEndOfStream: false, cancellation);
        if (read == 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            return null;
        }

        if (!JournalFrame.TryReadHeader(bytes.AsSpan(0, read), out var header))
        {
            throw new InvalidDataException("A journal does not continue with a frame.");
        }

        if (bytes.Length < header.FrameLength)
        {
            var larger = ArrayPool<byte>.Shared.Rent(header.FrameLength);
            bytes.AsSpan(0, JournalFrame.HeaderSize).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        await stream.ReadExactlyAsync(bytes.AsMemory(JournalFrame.HeaderSize, header.PayloadLength), cancellation);
        if (!JournalFrame.Verify(bytes.AsSpan(0, header.FrameLength)))
        {
            throw new InvalidDataException("A journal frame has a wrong checksum.");
        }

        return new(header, bytes);
    }

    private void Fold(in JournalFrameHeader header, ReadOnlySpan<byte> frame)
    {
        ledger.Fold(header, Position, frame[JournalFrame.HeaderSize..]);
        Position += frame.Length;
    }

    private readonly record struct Frame(JournalFrameHeader Header, byte[] Bytes);
}

/// <summary>What a journal is to whoever just read or wrote it.</summary>
internal enum JournalState
{
    /// <summary>It goes on, and this writer (if it is one) is in charge.</summary>
    Open = 1,

    /// <summary>It has a seal: over.</summary>
    Sealed = 2,

    /// <summary>There is none (any more): over.</summary>
    Missing = 3,

    /// <summary>Another writer is in charge: stop.</summary>
    Fenced = 4,

    /// <summary>An earlier writer got in before the fence: read on and fence again.</summary>
    Moved = 5,
}
