using System.Globalization;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>A catalog with a provider and a model for each upstream.</summary>
internal static class EchoCatalog
{
    /// <summary>The model of the upstream under load; the same that input files name unless told otherwise.</summary>
    public const string Model = "bench/echo";

    /// <summary>The model of the upstream that only warms up.</summary>
    public const string WarmUpModel = "bench/warm-up";

    /// <summary>What each model costs.</summary>
    public static readonly PriceTable Prices = new([
        new PriceRule(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard),
        new PriceRule(Meter.OutputTokens, 1_000_000, 2.00m, PricePlan.Standard),
    ]);

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="upstream">The address of the upstream under load.</param>
    /// <param name="concurrency">Calls at once to each provider, over all silos.</param>
    /// <param name="warmUp">The address of the upstream that only warms up; null: there is none.</param>
    public static void Write(string path, Uri upstream, int concurrency, Uri? warmUp = null)
    {
        var (providers, offers) = (Provider("echo", upstream, concurrency), Offer("echo", Model));
        if (warmUp is not null)
        {
            providers += "," + Provider("warm-up", warmUp, concurrency);
            offers += "," + Offer("warm-up", WarmUpModel);
        }

        File.WriteAllText(path, $$"""{"providers":[{{providers}}],"offers":[{{offers}}]}""");
    }

    private static string Provider(string id, Uri upstream, int concurrency) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"id":"{{id}}","kind":"openai","base_url":"{{new Uri(upstream, "/v1").AbsoluteUri}}","api_key_env":null,
         "max_concurrency":{{concurrency}}}
        """);

    // A model has one name on both sides, so that bodies may go out as the slices they are.
    private static string Offer(string provider, string model) => $$"""
        {"provider":"{{provider}}","model":"{{model}}","upstream_model":"{{model}}",
         "endpoints":["/v1/chat/completions","/v1/embeddings"],"batch":"relay","status":"active","prices":[
           {"meter":"input_tokens","unit_size":1000000,"price_usd":"0.25","plan":"standard"},
           {"meter":"output_tokens","unit_size":1000000,"price_usd":"2.00","plan":"standard"}]}
        """;
}
