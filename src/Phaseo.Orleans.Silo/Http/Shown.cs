using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>Client text made fit to be shown: bounded, one line, no control characters.</summary>
internal static class Shown
{
    private const int MaxName = 255;
    private const int MaxId = 64;

    /// <summary>An id or a field name inside a message.</summary>
    public static string Id(string text) => Clean(text, MaxId);

    /// <summary>A file name: what follows the last slash of either kind. Never used as a path.</summary>
    public static string FileName(string text)
    {
        var name = Clean(text[(text.LastIndexOfAny(['/', '\\']) + 1)..], MaxName).Trim();
        return name is "" or "." or ".." ? "file" : name;
    }

    private static string Clean(string text, int limit)
    {
        var clean = new StringBuilder(Math.Min(text.Length, limit));
        foreach (var rune in text.EnumerateRunes()) // a lone surrogate comes out as U+FFFD
        {
            if (clean.Length + rune.Utf16SequenceLength > limit)
            {
                break;
            }

            if (IsPrintable(rune))
            {
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }

    // Format characters include the bidirectional overrides that make "exe.jsonl" out of "lnosj.exe".
    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator);
}
