using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>The table of docs/observability.md is made from the meter, and the meter keeps to OpenTelemetry's conventions.</summary>
public sealed partial class MetricsDocumentTests
{
    [Fact]
    public void Document_lists_every_instrument()
    {
        var table = new StringBuilder("| Instrument | At `/metrics` | Kind | Unit | Tags | What it tells |\n|---|---|---|---|---|---|\n");
        foreach (var seen in Find())
        {
            var tags = string.Join(", ", seen.Tags.Select(tag => $"`{tag}`"));
            table.Append(
                $"| `{seen.Instrument.Name}` | `{seen.PrometheusName}` | {seen.Kind} | `{seen.Instrument.Unit}` | {tags} | {seen.Instrument.Description} |\n");
        }

        MadeFromCode.Check("observability.md", "metrics", table.ToString(), typeof(MetricsDocumentTests));
    }

    [Fact]
    public void Names_units_and_descriptions_keep_to_the_conventions()
    {
        foreach (var seen in Find())
        {
            Assert.Matches(Name(), seen.Instrument.Name);
            Assert.Matches(Unit(), seen.Instrument.Unit);
            Assert.EndsWith(".", seen.Instrument.Description, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_tag_could_hold_an_id()
    {
        string[] known =
        [
            "error.type", "phaseo.batch.status", "phaseo.call.outcome", "phaseo.drive.reason", "phaseo.driver.pass", "phaseo.fence.stage",
            "phaseo.provider", "phaseo.repair.kind", "phaseo.row.outcome", "phaseo.shard.start", "phaseo.storage.operation",
            "phaseo.validation.outcome",
        ];

        var tags = Find().SelectMany(seen => seen.Tags).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(known, tags);
    }

    /// <summary>Every instrument of the product.</summary>
    internal static IReadOnlyList<SeenInstrument> Find()
    {
        var clock = TimeProvider.System;
        var active = new ActiveBatches(clock);
        active.Show(new(), Views.InProgress(clock.GetUtcNow()));
        using var limiter = new ProviderLimiter(Options.Create(new BatchOptions()), clock);
        limiter.GateOf("provider");
        return SeenInstruments.Find(active, limiter);
    }

    // Words in lower case, parted by dots; the product first.
    [GeneratedRegex(@"^phaseo(\.[a-z_]+)+$")]
    private static partial Regex Name();

    // UCUM: seconds, or what is counted, in braces.
    [GeneratedRegex(@"^(s|\{[a-z]+\})$")]
    private static partial Regex Unit();
}
