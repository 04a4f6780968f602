using System.Buffers.Text;
using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>What escapes in JSON strings stand for. Texts are what is between the quotes.</summary>
internal static class JsonText
{
    /// <summary>The string that a token stands for, in UTF-8.</summary>
    /// <param name="token">A valid string token, quotes included.</param>
    /// <param name="scratch">Where it is put if it must be changed: as long as the token.</param>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> token, Span<byte> scratch)
    {
        if (!token.Contains((byte)'\\'))
        {
            return token[1..^1];
        }

        var reader = new Utf8JsonReader(token);
        reader.Read();
        return scratch[..reader.CopyString(scratch)];
    }

    /// <summary>The string that bytes start with, in UTF-8; what follows it is not looked at.</summary>
    /// <param name="bytes">A valid string token, quotes included, and anything.</param>
    public static byte[] UnescapeFirst(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        reader.Read();
        return Unescape(bytes[..(int)reader.BytesConsumed], new byte[bytes.Length]).ToArray();
    }

    /// <summary>Whether a text escapes half of a surrogate pair alone, which no UTF-8 can say.</summary>
    /// <param name="text">A string that a JSON reader has accepted.</param>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'\\'); at >= 0; at = text.IndexOf((byte)'\\'))
        {
            text = text[at..];
            var unit = UnitOf(text);
            var isPair = char.IsHighSurrogate(unit) && char.IsLowSurrogate(UnitOf(text[6..]));
            if (char.IsSurrogate(unit) && !isPair)
            {
                return true;
            }

            text = text[(isPair ? 12 : 2)..];
        }

        return false;
    }

    // The UTF-16 unit of an escape like \u00e9 that a text starts with; 0 for any other start.
    private static char UnitOf(ReadOnlySpan<byte> text) =>
        text.StartsWith("\\u"u8) && Utf8Parser.TryParse(text[2..6], out int unit, out _, 'x') ? (char)unit : '\0';
}
