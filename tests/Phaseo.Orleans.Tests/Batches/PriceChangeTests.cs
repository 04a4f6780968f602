using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class PriceChangeTests
{
    private const int Rows = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_is_billed_at_the_prices_that_it_was_validated_under()
    {
        // The provider answers no row before the catalog has changed, so every answer comes under the new one.
        await using var silo = await EngineSilo.StartAsync(Catalog(price: "1", errorRate: 1), builder => builder.Configure<BatchOptions>(options =>
        {
            options.MaxRounds = 100;
            options.FirstRetryDelay = options.MaxRetryDelay = TimeSpan.FromMilliseconds(100);
        }));
        var before = await silo.SubmitAsync(EngineSilo.Rows(Rows));
        await silo.UntilAsync(before, batch => batch.Status == BatchStatus.InProgress);

        await File.WriteAllTextAsync(
            silo.Services.GetRequiredService<IOptions<CatalogOptions>>().Value.Path!, Catalog(price: "1000", errorRate: 0), Cancellation);
        await silo.Services.GetRequiredService<CatalogStore>().RefreshAsync(Cancellation);
        var after = await silo.SubmitAsync(EngineSilo.Rows(Rows));
        var (old, young) = (await silo.UntilTerminalAsync(before), await silo.UntilTerminalAsync(after));

        Assert.Equal((Rows, Rows), (old.Completed, young.Completed));
        Assert.Equal(old.Usage.OutputTokens * 1_000, old.CostNanos);
        Assert.Equal(young.Usage.OutputTokens * 1_000_000, young.CostNanos);
    }

    private static string Catalog(string price, int errorRate) => $$$"""
        {"providers":[{"id":"simulator","kind":"simulator","max_concurrency":64,
           "simulator":{"latency_ms":0,"output_tokens":5,"error_rate":{{{errorRate}}}}}],
         "offers":[{"provider":"simulator","model":"sim/echo-small","upstream_model":"echo-small","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[
             {"meter":"input_tokens","unit_size":1000000,"price_usd":"0","plan":"standard"},
             {"meter":"output_tokens","unit_size":1000000,"price_usd":"{{{price}}}","plan":"standard"}]}]}
        """;
}
