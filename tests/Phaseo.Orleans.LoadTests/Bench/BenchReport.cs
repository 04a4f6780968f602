using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Collects what the scenarios found and writes it as Markdown.</summary>
internal sealed class BenchReport
{
    private readonly StringBuilder _sections = new();
    private readonly List<Row> _bars = [];
    private readonly List<string> _voids = [];

    /// <summary>Whether a scenario's ratios may not be used.</summary>
    public bool IsVoid => _voids.Count > 0;

    /// <summary>Starts a scenario's part.</summary>
    public void Section(string title, string what) => _sections.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{what}\n\n");

    /// <summary>Adds a table to the part.</summary>
    public void Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        AppendRow(head);
        AppendRow([.. head.Select((_, column) => column == 0 ? "---" : "---:")]);
        foreach (var row in rows)
        {
            AppendRow(row);
        }
    }

    /// <summary>Adds a line of the table of bars.</summary>
    public void Bar(string work, string bar, string measured, bool met) => _bars.Add(new Row(work, bar, measured, met));

    /// <summary>Adds a sentence to the part; begins small.</summary>
    public void Remark(string what) =>
        _sections.Append(CultureInfo.InvariantCulture, $"\n{char.ToUpperInvariant(what[0])}{what[1..]}\n");

    /// <summary>Says that a scenario is void, and why.</summary>
    public void Void(string scenario, string why)
    {
        _voids.Add($"{scenario}: {why}");
        _sections.Append(CultureInfo.InvariantCulture, $"\n**Void:** {why}\n");
    }

    /// <summary>The whole report.</summary>
    public string ToMarkdown(string machine, string how)
    {
        var report = new StringBuilder("# Benchmarks\n\n");
        report.Append(CultureInfo.InvariantCulture, $"{machine}\n\n{how}\n");
        foreach (var reason in _voids)
        {
            report.Append(CultureInfo.InvariantCulture, $"\n**Void: {reason}**\n");
        }

        if (_bars.Count > 0)
        {
            report.Append("\n| Work | Bar | Measured | Met |\n|---|---|---|---|\n");
            foreach (var row in _bars)
            {
                report.Append(CultureInfo.InvariantCulture, $"| {row.Work} | {row.Bar} | {row.Measured} | {(row.Met ? "yes" : "**no**")} |\n");
            }
        }

        return report.Append(_sections).ToString();
    }

    private void AppendRow(IReadOnlyList<string> cells) => _sections.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private sealed record Row(string Work, string Bar, string Measured, bool Met);
}
