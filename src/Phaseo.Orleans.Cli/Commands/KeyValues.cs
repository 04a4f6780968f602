namespace Phaseo.Orleans.Cli.Commands;

/// <summary>Reads <c>KEY=VALUE</c> words.</summary>
internal static class KeyValues
{
    /// <summary>The pairs; a value may hold further equals signs and may be empty.</summary>
    /// <exception cref="CliException">A word is no pair, or a key is there twice.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string option, IEnumerable<string> words)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            var at = word.IndexOf('=');
            if (at <= 0)
            {
                throw new CliException($"{option} {word}: KEY=VALUE is needed");
            }

            if (!pairs.TryAdd(word[..at], word[(at + 1)..]))
            {
                throw new CliException($"{option}: the key {word[..at]} is there twice");
            }
        }

        return pairs;
    }
}
