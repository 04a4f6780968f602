using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>What a run has done and found, for people.</summary>
internal sealed class ChaosReport(ChaosOptions options, IReadOnlyList<ChaosResult> results, Coverage coverage, TimeSpan took)
{
    private static readonly (string Kind, string Title)[] Kinds =
    [
        ("fault", "Signals"), ("point", "Kill points"), ("killed while", "Status of a batch when a silo was hit"),
        ("storage", "Storage faults"), ("upstream", "Upstream faults"), ("happened", "What came of it"),
    ];

    private int Broken => results.Count(result => result.Violations.Count > 0);

    /// <summary>The end of a run.</summary>
    public void Print(TextWriter output, IReadOnlyList<string> missing)
    {
        output.WriteLine(string.Join(", ", coverage.Counts.Select(pair => $"{pair.Key}: {pair.Value}")));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count} seeds, {results.Sum(result => result.Rows)} rows, {results.Sum(result => result.Calls)} calls in {took.TotalSeconds:0} s: {(Broken == 0 ? "every promise was kept" : $"{Broken} seeds broke a promise")}"));
        if (missing.Count > 0)
        {
            output.WriteLine($"did not happen, so nothing is shown by this run: {string.Join(", ", missing)}");
        }
    }

    /// <summary>The table of the documentation.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"`./chaos --seeds {options.Seeds} --first {options.First}{(options.Clusters ? "" : " --single")}`: {results.Count} seeds in {took.TotalMinutes:0.0} minutes, ");
        text.Append(CultureInfo.InvariantCulture, $"{results.Sum(result => result.Rows):N0} rows, {results.Sum(result => result.Calls):N0} calls, seeds that broke a promise: {Broken}.\n\n");
        text.Append("| Theme | Seeds | Rows | Calls | Kept |\n|---|---|---|---|---|\n");
        foreach (var theme in results.GroupBy(result => result.Plan.Theme).OrderBy(theme => theme.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {theme.Key} | {theme.Count()} | {theme.Sum(result => result.Rows):N0} | {theme.Sum(result => result.Calls):N0} | {theme.Count(result => result.Violations.Count == 0)} |\n");
        }

        text.Append("\n| What was injected, or came of it | Times |\n|---|---|\n");
        foreach (var (kind, title) in Kinds)
        {
            var counts = coverage.Counts.Where(pair => pair.Key.StartsWith(kind + " ", StringComparison.Ordinal));
            text.Append(CultureInfo.InvariantCulture, $"| {title} | {string.Join(", ", counts.Select(pair => $"{pair.Key[(kind.Length + 1)..]} {pair.Value:N0}"))} |\n");
        }

        return text.ToString();
    }
}
