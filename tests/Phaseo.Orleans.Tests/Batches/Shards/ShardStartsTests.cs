using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardStartsTests
{
    [Fact]
    public async Task Undisturbed_shard_starts_once()
    {
        using var measured = new Measured();
        await using var silo = await EngineSilo.StartAsync(
            EngineSilo.SimulatorCatalog, silo => silo.Services.AddSingleton(measured.Metrics));

        var id = await silo.SubmitAsync(EngineSilo.Rows(1_200));
        await silo.UntilTerminalAsync(id);

        Assert.Equal(3, measured["phaseo.shard.starts first"]);
    }
}
