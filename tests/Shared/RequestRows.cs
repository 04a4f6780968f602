using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// Writes input files that are the same for the same seed, straight to disk. A line is about 300 bytes; its body is
/// unlike every other body of the file and holds escapes and non-ASCII text, so that a body that was decoded and
/// encoded again does not hash to the same value.
/// </summary>
public sealed record RequestRows
{
    private static readonly string[] Words =
    [
        "river", "stone", "window", "quiet", "ladder", "copper", "violet", "harbour", "seven", "amber", "\\\"quoted\\\"",
        "na\\u00efve", "日本", "café", "a\\/b", "tab\\t", "meadow", "signal", "thread", "winter", "paper", "north", "ember", "glass",
    ];

    /// <summary>The model that every row names. Default: <c>bench/echo</c>.</summary>
    public string Model { get; init; } = "bench/echo";

    /// <summary><c>/v1/chat/completions</c> or <c>/v1/embeddings</c>. Default: the former.</summary>
    public string Endpoint { get; init; } = "/v1/chat/completions";

    /// <summary>What the rows' content depends on. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Bytes of a line, about. Default: 300.</summary>
    public int LineBytes { get; init; } = 300;

    /// <summary>Writes <paramref name="rows"/> lines to a new file; its length in bytes.</summary>
    public async Task<long> WriteAsync(string path, int rows, CancellationToken cancellation = default)
    {
        var random = new Random(Seed);
        var line = new StringBuilder(2 * LineBytes);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16, useAsync: false);
        await using var writer = new StreamWriter(file, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        for (var row = 0; row < rows; row++)
        {
            Compose(line, row, random);
            await writer.WriteAsync(line, cancellation);
            line.Clear();
        }

        await writer.FlushAsync(cancellation);
        return file.Length;
    }

    private void Compose(StringBuilder line, int row, Random random)
    {
        line.Append(CultureInfo.InvariantCulture, $$"""{"custom_id":"row-{{row:D7}}","method":"POST","url":"{{Endpoint}}","body":{"model":"{{Model}}",""");
        line.Append(Endpoint == "/v1/embeddings"
            ? "\"input\":\""
            : "\"max_tokens\":32,\"messages\":[{\"role\":\"user\",\"content\":\"");
        line.Append(CultureInfo.InvariantCulture, $"{Seed}.{row}:");
        while (line.Length < LineBytes - 16)
        {
            line.Append(' ').Append(Words[random.Next(Words.Length)]);
        }

        line.Append(Endpoint == "/v1/embeddings" ? "\"}}\n" : "\"}]}}\n");
    }
}
