using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>Sets up a silo with the whole engine on embedded storage and a catalog of one upstream.</summary>
internal static class EngineSetup
{
    /// <summary>A million rows of 300 bytes and more.</summary>
    private const long MaxFileBytes = 1L << 30;

    /// <summary>What <see cref="Catalog"/> asks for the one model.</summary>
    public static readonly PriceTable Prices = new([
        new PriceRule(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard),
        new PriceRule(Meter.OutputTokens, 1_000_000, 2.00m, PricePlan.Standard),
    ]);

    public static void Apply(ISiloBuilder silo, EngineOptions options)
    {
        Directory.CreateDirectory(options.DataFolder);
        var catalog = Path.Combine(options.DataFolder, "bench-catalog.json");
        File.WriteAllText(catalog, Catalog(options));
        silo.UseEmbeddedStorage(Path.Combine(options.DataFolder, "data")).AddPhaseo();
        silo.Services.Configure<CatalogOptions>(settings => settings.Path = catalog);
        silo.Services.Configure<BatchOptions>(settings =>
        {
            settings.MaxConcurrentCalls = options.Concurrency;
            settings.MaxRows = 1_000_000;
            settings.MaxFileBytes = MaxFileBytes;
            settings.FirstRetryDelay = options.FirstRetryDelay ?? settings.FirstRetryDelay;
        });
    }

    // The model has one name on both sides, so that bodies may go out as the slices they are.
    private static string Catalog(EngineOptions options) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"providers":[{"id":"echo","kind":"openai","base_url":"{{new Uri(options.Upstream, "/v1").AbsoluteUri}}","api_key_env":null,
           "max_concurrency":{{options.Concurrency}}}],
         "offers":[{"provider":"echo","model":"bench/echo","upstream_model":"bench/echo",
           "endpoints":["/v1/chat/completions","/v1/embeddings"],"batch":"relay","status":"active","prices":[
             {"meter":"input_tokens","unit_size":1000000,"price_usd":"0.25","plan":"standard"},
             {"meter":"output_tokens","unit_size":1000000,"price_usd":"2.00","plan":"standard"}]}]}
        """);
}
