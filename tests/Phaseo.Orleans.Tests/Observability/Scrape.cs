using System.Globalization;
using System.Text.RegularExpressions;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>What <c>/metrics</c> of a silo said at one moment.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    private Scrape(string text)
    {
        foreach (Match sample in Sample().Matches(text))
        {
            _samples.Add((sample.Groups["name"].Value, sample.Groups["labels"].Value, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>The names of all series of the product.</summary>
    public IEnumerable<string> Names => _samples.Select(sample => sample.Name).Where(name => name.StartsWith("phaseo_", StringComparison.Ordinal)).Distinct();

    /// <summary>The sum over the series of this name whose labels have all of these, <c>phaseo_row_outcome="ok"</c>.</summary>
    public double this[string name, params string[] labels] => _samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.Contains(label, StringComparison.Ordinal)))
        .Sum(sample => sample.Value);

    /// <summary>Asks a silo.</summary>
    public static async Task<Scrape> OfAsync(Uri silo)
    {
        using var client = new HttpClient();
        return new(await client.GetStringAsync(new Uri(silo, "/metrics"), TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("""^(?<name>[a-z_]+)(\{(?<labels>[^}]*)\})? (?<value>[-+0-9.eE]+|\+Inf|NaN)( \d+)?$""", RegexOptions.Multiline)]
    private static partial Regex Sample();
}
