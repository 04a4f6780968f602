using System.CommandLine;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>The command that goes on with a stopped run. The key is left out: it does not belong on a screen.</summary>
internal static class ResumeLine
{
    /// <summary><c>phaseo run 'my file.jsonl' --output x.jsonl --resume</c>.</summary>
    public static string Of(ParseResult parsed, Argument<string> input, IEnumerable<Option<string?>> options)
    {
        var words = new List<string> { "phaseo", "run", Quote(parsed.GetRequiredValue(input)) };
        foreach (var option in options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                words.Add(option.Name);
                words.Add(Quote(value));
            }
        }

        return string.Join(' ', [.. words, "--resume"]);
    }

    // As POSIX shells want it.
    private static string Quote(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || "/._-:=+,@%".Contains(c))
        ? word
        : $"'{word.Replace("'", "'\\''")}'";
}
