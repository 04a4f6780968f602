using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Phaseo.Orleans;

/// <summary>
/// Makes ids that sort by time: a fixed word, then a ULID in lower case (48 bits of milliseconds, 80 random bits,
/// Crockford's base 32; source: github.com/ulid/spec).
/// </summary>
public static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int UlidLength = 26;
    private const int RandomBytes = 10;
    private static readonly SearchValues<char> UlidCharacters = SearchValues.Create(Alphabet);

    /// <summary><c>batch_…</c>.</summary>
    public static string NewBatch(DateTimeOffset now) => "batch_" + NewUlid(now);

    /// <summary><c>file-…</c>.</summary>
    public static string NewFile(DateTimeOffset now) => "file-" + NewUlid(now);

    /// <summary>The <c>file-…</c> that a batch makes at a moment: the same batch, kind and time give the same id.</summary>
    public static string FileOf(DateTimeOffset at, string batch, string kind)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{batch}/{kind}"));
        return "file-" + Ulid(at, hash.AsSpan(0, RandomBytes));
    }

    /// <summary><c>req_…</c>.</summary>
    public static string NewRequest(DateTimeOffset now) => "req_" + NewUlid(now);

    /// <summary>Whether the text has the form of a batch id. Checked before a grain of that name is woken.</summary>
    public static bool IsBatch(string id) => IsId(id, "batch_");

    /// <summary>Whether the text has the form of a file id. Checked before it is used as a storage key.</summary>
    public static bool IsFile(string id) => IsId(id, "file-");

    /// <summary>A ULID of 26 characters.</summary>
    public static string NewUlid(DateTimeOffset now)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return Ulid(now, random);
    }

    private static string Ulid(DateTimeOffset now, ReadOnlySpan<byte> random)
    {
        Span<char> text = stackalloc char[UlidLength];
        var time = now.ToUnixTimeMilliseconds();
        for (var i = 9; i >= 0; i--, time >>= 5)
        {
            text[i] = Alphabet[(int)(time & 31)];
        }

        // 80 bits are 16 characters of 5 bits.
        var bits = 0;
        var held = 0;
        var next = 0;
        for (var i = 10; i < UlidLength; i++)
        {
            if (held < 5)
            {
                bits = (bits << 8) | random[next++];
                held += 8;
            }

            held -= 5;
            text[i] = Alphabet[(bits >> held) & 31];
        }

        return new string(text);
    }

    private static bool IsId(string id, string word) =>
        id.Length == word.Length + UlidLength
        && id.StartsWith(word, StringComparison.Ordinal)
        && !id.AsSpan(word.Length).ContainsAnyExcept(UlidCharacters);
}
