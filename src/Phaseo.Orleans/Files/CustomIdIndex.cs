using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;

namespace Phaseo.Orleans.Files;

/// <summary>
/// The <c>custom_id</c>s met so far, as hashes and places in the file: about 30 bytes a row, whatever the ids' length.
/// Equal hashes are a suspicion; whoever has one reads the earlier id again and compares.
/// </summary>
/// <param name="hashBits">Bits of a hash that count. Default: 64; fewer where a test wants collisions.</param>
internal sealed class CustomIdIndex(int hashBits = 64)
{
    // A small batch's ids; more double it.
    private const int First = 64;

    // Ids that collide cannot be prepared without knowing it.
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private Entry[] _entries = new Entry[First];
    private int[] _heads = new int[First];
    private int _count;

    /// <summary>Where an id was met.</summary>
    /// <param name="Hash">Its hash.</param>
    /// <param name="Offset">Where its token starts in the file.</param>
    /// <param name="Line">Its line.</param>
    /// <param name="Next">The entry before it in its bucket, counted from 1; 0: none.</param>
    public readonly record struct Entry(ulong Hash, long Offset, int Line, int Next);

    /// <summary>The hash of an id, unescaped and in UTF-8.</summary>
    public ulong Hash(ReadOnlySpan<byte> id) => XxHash3.HashToUInt64(id, Seed) & (ulong.MaxValue << (64 - hashBits));

    /// <summary>Whether any id has this hash.</summary>
    public bool IsSuspect(ulong hash) => IndexFrom(_heads[BucketOf(hash)], hash) != 0;

    /// <summary>The ids with this hash.</summary>
    public IEnumerable<Entry> WithHash(ulong hash)
    {
        for (var i = IndexFrom(_heads[BucketOf(hash)], hash); i != 0; i = IndexFrom(_entries[i - 1].Next, hash))
        {
            yield return _entries[i - 1];
        }
    }

    /// <summary>Keeps an id.</summary>
    public void Add(ulong hash, long offset, int line)
    {
        if (_count == _entries.Length)
        {
            Grow();
        }

        Link(_count, new Entry(hash, offset, line, 0));
        _count++;
    }

    private int IndexFrom(int index, ulong hash)
    {
        while (index != 0 && _entries[index - 1].Hash != hash)
        {
            index = _entries[index - 1].Next;
        }

        return index;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _count * 2);
        _heads = new int[_entries.Length];
        for (var i = 0; i < _count; i++)
        {
            Link(i, _entries[i]);
        }
    }

    private void Link(int at, Entry entry)
    {
        ref var head = ref _heads[BucketOf(entry.Hash)];
        _entries[at] = entry with { Next = head };
        head = at + 1;
    }

    // There are as many buckets as entries, a power of two.
    private int BucketOf(ulong hash) => (int)(hash >> (64 - BitOperations.Log2((uint)_heads.Length)));
}
