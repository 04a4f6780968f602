using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class FaultyUpstreamTests
{
    [Theory]
    [InlineData(EchoFault.Error)]
    [InlineData(EchoFault.Throttle)]
    [InlineData(EchoFault.Reset)]
    public async Task Row_whose_call_failed_is_tried_again(EchoFault fault)
    {
        var log = new CallLog();
        var faults = new EchoFaults { Only = fault, Failing = 1, LastFailingAttempt = 2 };
        await using var upstream = await EchoUpstream.StartAsync(
            new() { Log = log, Faults = faults }, TestContext.Current.CancellationToken);
        await using var silo = await EngineSilo.StartAsync(Catalog(upstream), Hasty);

        var id = await silo.SubmitAsync(EngineSilo.Rows(3, "m"));
        var batch = await silo.UntilTerminalAsync(id);

        Assert.Equal((3, 3, 0), (batch.Total, batch.Completed, batch.Failed));
        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3], log.Calls.Select(call => call.Attempt).Order());
    }

    private static void Hasty(ISiloBuilder silo) =>
        silo.Services.Configure<BatchOptions>(options => options.FirstRetryDelay = TimeSpan.FromMilliseconds(20));

    private static string Catalog(EchoUpstream upstream) => $$"""
        {"providers":[{"id":"echo","kind":"openai","base_url":"{{upstream.BaseUrl}}","api_key_env":null,"max_concurrency":8}],
         "offers":[{"provider":"echo","model":"m","upstream_model":"m","endpoints":["/v1/chat/completions"],"batch":"relay",
           "status":"active","prices":[]}]}
        """;
}
