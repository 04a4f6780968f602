using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Phaseo.Orleans.Files;

/// <summary>
/// Finds names that an object has twice, however they are spelled, in objects nested in one another. Not thread-safe;
/// one instance serves line after line.
/// </summary>
internal sealed class DuplicateNames
{
    // Up to here every pair is compared; above, the names are sorted, so that a line of a million names costs no more
    // than a million lines.
    private const int FewNames = 16;
    private const int KeptNames = 4096;

    // Names that collide cannot be prepared without knowing it.
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private readonly Stack<int> _starts = new();
    private Name[] _names = new Name[64];
    private int _count;

    private readonly record struct Name(ulong Hash, LineSlice Text);

    /// <summary>Forgets the line before.</summary>
    public void Clear()
    {
        _starts.Clear();
        _count = 0;
        if (_names.Length > KeptNames)
        {
            _names = new Name[KeptNames];
        }
    }

    /// <summary>An object begins.</summary>
    public void Enter() => _starts.Push(_count);

    /// <summary>The current object has a name.</summary>
    /// <param name="line">The line.</param>
    /// <param name="text">The name's text in it, without quotes.</param>
    /// <param name="isEscaped">Whether the text has escapes.</param>
    public void Add(ReadOnlySpan<byte> line, LineSlice text, bool isEscaped)
    {
        if (_count == _names.Length)
        {
            Array.Resize(ref _names, _count * 2);
        }

        var raw = text.Of(line);
        _names[_count++] = new Name(isEscaped ? HashUnescaped(line, text) : XxHash3.HashToUInt64(raw, Seed), text);
    }

    /// <summary>The current object ends. Answers a name that it has twice, or an empty slice.</summary>
    public LineSlice Leave(ReadOnlySpan<byte> line)
    {
        var start = _starts.Pop();
        var names = _names.AsSpan(start, _count - start);
        _count = start;
        return names.Length <= FewNames ? FindAmongFew(line, names) : FindAmongMany(line, names);
    }

    private static LineSlice FindAmongFew(ReadOnlySpan<byte> line, ReadOnlySpan<Name> names)
    {
        for (var i = 1; i < names.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (names[i].Hash == names[j].Hash && AreSame(line, names[i].Text, names[j].Text))
                {
                    return Token(names[i].Text);
                }
            }
        }

        return default;
    }

    private static LineSlice FindAmongMany(ReadOnlySpan<byte> line, Span<Name> names)
    {
        names.Sort(static (a, b) => a.Hash.CompareTo(b.Hash));
        for (var i = 1; i < names.Length; i++)
        {
            for (var j = i - 1; j >= 0 && names[j].Hash == names[i].Hash; j--)
            {
                if (AreSame(line, names[i].Text, names[j].Text))
                {
                    return Token(names[i].Text);
                }
            }
        }

        return default;
    }

    private static bool AreSame(ReadOnlySpan<byte> line, LineSlice a, LineSlice b) =>
        a.Of(line).SequenceEqual(b.Of(line)) || Unescaped(line, a).AsSpan().SequenceEqual(Unescaped(line, b));

    private static byte[] Unescaped(ReadOnlySpan<byte> line, LineSlice text) =>
        JsonText.Unescape(Token(text).Of(line), new byte[text.Length + 2]).ToArray();

    private static ulong HashUnescaped(ReadOnlySpan<byte> line, LineSlice text)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(text.Length + 2);
        var hash = XxHash3.HashToUInt64(JsonText.Unescape(Token(text).Of(line), scratch), Seed);
        ArrayPool<byte>.Shared.Return(scratch);
        return hash;
    }

    private static LineSlice Token(LineSlice text) => new(text.Offset - 1, text.Length + 2);
}
