using System.Globalization;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>Writes a filter as the contract's query string.</summary>
internal static class QueryText
{
    /// <summary><c>?limit=20&amp;status=failed</c>, or nothing.</summary>
    public static string Of(BatchFilter filter)
    {
        var pairs = new List<(string Name, string? Value)>
        {
            ("limit", filter.Limit?.ToString(CultureInfo.InvariantCulture)),
            ("after", filter.After),
            ("session_id", filter.SessionId),
        };
        pairs.AddRange((filter.Statuses ?? []).Select(status => ("status", (string?)status)));
        pairs.AddRange((filter.Metadata ?? new Dictionary<string, string>()).Select(pair => ($"metadata[{pair.Key}]", (string?)pair.Value)));
        var text = string.Join('&', pairs
            .Where(pair => pair.Value is not null)
            .Select(pair => $"{Uri.EscapeDataString(pair.Name)}={Uri.EscapeDataString(pair.Value!)}"));
        return text.Length == 0 ? "" : "?" + text;
    }
}
