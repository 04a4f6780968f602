using System.Buffers.Binary;
using System.Text;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>Reads the records of one frame's payload, without copying lines.</summary>
internal ref struct JournalReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _next;
    private int _end;

    /// <summary>What the current record is.</summary>
    public JournalRecordKind Kind { get; private set; }

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        _next = _end;
        if (_next == _payload.Length)
        {
            return false;
        }

        Kind = (JournalRecordKind)Byte();
        var length = Int32();
        _end = checked(_next + length);
        if (length < 0 || _end > _payload.Length)
        {
            throw new InvalidDataException("A journal record is longer than its frame.");
        }

        return true;
    }

    /// <summary>The row of a <see cref="JournalRecordKind.Trying"/> record.</summary>
    public int Trying() => Int32();

    /// <summary>The outcome of a <see cref="JournalRecordKind.Seal"/> record.</summary>
    public ShardOutcome Outcome() => (ShardOutcome)Byte();

    /// <summary>The fields of a <see cref="JournalRecordKind.Result"/> record, and where its line is.</summary>
    public RowResult Result(out RecordLine line)
    {
        var result = Fields();
        line = Line();
        return result;
    }

    /// <summary>The fields of an <see cref="JournalRecordKind.Attempt"/> record, and where its line is.</summary>
    public RowAttempt Attempt(out RecordLine line)
    {
        var (row, attempts, rounds) = (Int32(), Int32(), Int32());
        var nextAt = DateTimeOffset.FromUnixTimeMilliseconds(Int64());
        var attempt = new RowAttempt(row, attempts, rounds, nextAt, Fields());
        line = Line();
        return attempt;
    }

    private RowResult Fields() =>
        new(Int32(), (ResultFile)Byte(), Int32(), Int32(), Int64(), Byte() != 0, Text(), Text(), Text(), Usage());

    private RecordLine Line()
    {
        var external = Byte() != 0;
        var length = Int32();
        return new(_next, length, external);
    }

    private Meters Usage()
    {
        var usage = new Meters();
        for (var left = Byte(); left > 0; left--)
        {
            var meter = (Meter)Byte();
            usage = usage.With(meter, Int64());
        }

        return usage;
    }

    private byte Byte() => _payload[_next++];

    private int Int32()
    {
        var value = BinaryPrimitives.ReadInt32LittleEndian(_payload[_next..]);
        _next += 4;
        return value;
    }

    private long Int64()
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(_payload[_next..]);
        _next += 8;
        return value;
    }

    private string Text()
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(_payload[_next..]);
        var bytes = _payload.Slice(_next + 2, length);
        _next += 2 + length;
        return KnownTexts.Get(bytes);
    }
}

/// <summary>A record's line: where it is in the frame's payload; external: these bytes name a blob that holds it.</summary>
internal readonly record struct RecordLine(int Offset, int Length, bool External);

/// <summary>Providers, models and codes repeat in every record: one string each, not one a row.</summary>
internal static class KnownTexts
{
    private const int Most = 4096;
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<ulong, string> Seen = new();

    public static string Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "";
        }

        var hash = System.IO.Hashing.XxHash3.HashToUInt64(bytes);
        if (Seen.TryGetValue(hash, out var known) && Encoding.UTF8.GetByteCount(known) == bytes.Length
            && Same(known, bytes))
        {
            return known;
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (Seen.Count < Most)
        {
            Seen.TryAdd(hash, text);
        }

        return text;
    }

    private static bool Same(string text, ReadOnlySpan<byte> bytes)
    {
        var utf8 = bytes.Length <= 512 ? stackalloc byte[bytes.Length] : new byte[bytes.Length];
        return Encoding.UTF8.TryGetBytes(text, utf8, out var written) && utf8[..written].SequenceEqual(bytes);
    }
}
