using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>What one run, or the parts of a long one, have done and found, for people.</summary>
internal sealed class ChaosReport
{
    private static readonly (string Kind, string Title)[] Kinds =
    [
        ("fault", "Signals"), ("point", "Kill points"), ("killed while", "Status of a batch when a silo was hit"),
        ("storage", "Storage faults"), ("upstream", "Upstream faults"), ("happened", "What came of it"),
    ];

    private readonly IReadOnlyList<ChaosRecord> _records;
    private readonly List<ChaosResult> _results;
    private readonly Coverage _coverage = new();
    private readonly List<double> _takeovers;

    /// <summary>Of parts that have no seed in common.</summary>
    /// <exception cref="InvalidDataException">They have.</exception>
    public ChaosReport(IReadOnlyList<ChaosRecord> records)
    {
        _records = records;
        _results = [.. records.SelectMany(record => record.Results)];
        if (_results.DistinctBy(result => result.Seed).Count() != _results.Count)
        {
            throw new InvalidDataException("Parts of a run have seeds in common: it would be counted twice.");
        }

        _results.ForEach(result => _coverage.Add(result.Happened));
        _takeovers = [.. _results.SelectMany(result => result.Takeovers).Order()];
        Missing = [.. _coverage.Missing(records.Any(record => record.Clusters))];
    }

    /// <summary>Seeds that broke a promise.</summary>
    public int Broken => _results.Count(result => result.Violations.Count > 0);

    /// <summary>What should have happened and did not.</summary>
    public IReadOnlyList<string> Missing { get; }

    private double Seconds => _records.Sum(record => record.Seconds);

    /// <summary>The end of a run.</summary>
    public void Print(TextWriter output, IReadOnlyList<string> missing)
    {
        output.WriteLine(string.Join(", ", _coverage.Counts.Select(pair => $"{pair.Key}: {pair.Value}")));
        if (_takeovers.Count > 0)
        {
            output.WriteLine(Takeovers());
        }

        var late = _records.Sum(record => record.LateSeconds) / Seconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_results.Count} seeds, {_results.Sum(result => result.Rows)} rows, {_results.Sum(result => result.Calls)} calls in {Seconds:0} s, machine late {late:P0} of the time: {(Broken == 0 ? "every promise was kept" : $"{Broken} seeds broke a promise")}"));
        if (missing.Count > 0)
        {
            output.WriteLine($"did not happen, so nothing is shown by this run: {string.Join(", ", missing)}");
        }
    }

    /// <summary>The tables of the documentation.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        var runs = string.Join(", ", Ranges());
        text.Append(CultureInfo.InvariantCulture, $"Seeds {runs}: {_results.Count} seeds in {Seconds / 60:0} minutes, ");
        text.Append(CultureInfo.InvariantCulture, $"{_results.Sum(result => result.Rows):N0} rows, {_results.Sum(result => result.Calls):N0} calls, seeds that broke a promise: {Broken}.");
        text.Append(_takeovers.Count > 0 ? $" {Takeovers()}" : "").Append("\n\n");
        text.Append("| Theme | Seeds | Rows | Calls | Kept |\n|---|---|---|---|---|\n");
        foreach (var theme in _results.GroupBy(result => result.Theme).OrderBy(theme => theme.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {theme.Key} | {theme.Count()} | {theme.Sum(result => result.Rows):N0} | {theme.Sum(result => result.Calls):N0} | {theme.Count(result => result.Violations.Count == 0)} |\n");
        }

        text.Append("\n| What was injected, or came of it | Times |\n|---|---|\n");
        foreach (var (kind, title) in Kinds)
        {
            var counts = _coverage.Counts.Where(pair => pair.Key.StartsWith(kind + " ", StringComparison.Ordinal));
            text.Append(CultureInfo.InvariantCulture, $"| {title} | {string.Join(", ", counts.Select(pair => $"{pair.Key[(kind.Length + 1)..]} {pair.Value:N0}"))} |\n");
        }

        return text.ToString();
    }

    private string Takeovers() => string.Create(
        CultureInfo.InvariantCulture,
        $"Shards of silos that died or froze and went on elsewhere: {_takeovers.Count}, after {_takeovers[_takeovers.Count / 2]:0.0} s (median), {_takeovers[^1]:0.0} s (longest).");

    // Parts that follow each other are one range.
    private IEnumerable<string> Ranges()
    {
        var parts = _records.OrderBy(record => record.First).ToList();
        for (var from = 0; from < parts.Count;)
        {
            var to = from;
            while (to + 1 < parts.Count && parts[to].First + parts[to].Seeds == parts[to + 1].First)
            {
                to++;
            }

            yield return $"{parts[from].First}–{parts[to].First + parts[to].Seeds - 1}";
            from = to + 1;
        }
    }
}
