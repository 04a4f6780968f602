using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Storage;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>
/// A batch's state in the table of grain states: under which key, too. Orleans makes the key of the grain's and the
/// state's name; if either changed, every batch would be gone.
/// </summary>
public sealed class StoredGrainTests
{
    private const string Golden = "grain_state.sql";
    private const string Payload = "@payload";
    private const string Service = "@service";

    [Fact]
    public async Task State_is_found_where_the_golden_has_it()
    {
        await using var silo = await EngineSilo.StartAsync(EngineSilo.SimulatorCatalog);
        var service = silo.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ServiceId;
        var batch = GrainId.Create("batch", BatchScenes.Id);
        var state = FullBatch.Of("CompletedTold");
        var database = silo.Services.GetRequiredService<DataFolder>().DatabasePath;
        var storage = silo.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorageNames.Phaseo);

        await storage.WriteStateAsync("batch", batch, new GrainState<BatchState>(state));

        // The service is the operator's to name, the version starts at random, and the state has goldens of its own.
        StoredGolden.Check(
            Golden, DatabaseDump.OfRows(database, "OrleansStorage", ("ServiceId", Service), ("Version", "1"), ("PayloadBinary", Payload)));
        var json = Encoding.UTF8.GetBytes(StoredGolden.Read("batch_state.CompletedTold.json"));
        foreach (var golden in StoredGolden.ReadAll(Golden))
        {
            DatabaseDump.Run(database, "DELETE FROM OrleansStorage");
            DatabaseDump.Run(database, golden.Replace(Service, service).Replace($"'{Payload}'", $"X'{Convert.ToHexString(json)}'"));

            var found = new GrainState<BatchState>(new());
            await storage.ReadStateAsync("batch", batch, found);
            Assert.Equivalent(state, found.State, strict: true);
        }

        var view = await silo.Batch(BatchScenes.Id).GetAsync();
        Assert.Equal((BatchStatus.Completed, 5), (view?.Status, view?.Completed));
    }
}
