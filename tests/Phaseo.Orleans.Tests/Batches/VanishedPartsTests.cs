using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class VanishedPartsTests
{
    private const int Rows = 1_100;
    private readonly List<string> _lost = [];

    [Fact]
    public async Task Files_whose_staged_parts_vanished_before_the_commit_are_complete_all_the_same()
    {
        var upstreams = new ScriptedUpstreams("silo", TimeProvider.System)
        {
            Answer = call => Task.FromResult(call.Row % 10 == 0
                ? new UpstreamAnswer(422, null, "{}"u8.ToArray(), null, new(FailureKind.Refused))
                : call.Good()),
        };
        await using var silo = await EngineSilo.StartAsync(ScriptedUpstreams.Catalog(16, "m"), one =>
        {
            upstreams.Use(one);
            LoseParts(one);
        });

        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        var batch = await silo.UntilTerminalAsync(id);

        Assert.Equal(
            [BlobNames.Output(EngineSilo.Workspace, id), BlobNames.Errors(EngineSilo.Workspace, id), BlobNames.Rows(EngineSilo.Workspace, id)],
            _lost);
        Assert.Equal((BatchStatus.Completed, Rows - (Rows / 10), Rows / 10), (batch.Status, batch.Completed, batch.Failed));
        Assert.Equal(
            Enumerable.Range(0, Rows).Where(row => row % 10 != 0),
            (await silo.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id))).Select(RowOf));
        Assert.Equal(
            Enumerable.Range(0, Rows).Where(row => row % 10 == 0),
            (await silo.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, id))).Select(RowOf));
        Assert.Equal(Rows, upstreams.Calls.Count);
    }

    private static int RowOf(string line) =>
        int.Parse(JsonDocument.Parse(line).RootElement.GetProperty("custom_id").GetString()![4..], CultureInfo.InvariantCulture);

    // The parts of each file are lost once, just before its first commit.
    private void LoseParts(ISiloBuilder silo)
    {
        var real = silo.Services.Last(service => service.ServiceType == typeof(IBlobStore));
        silo.Services.Remove(real);
        silo.Services.AddSingleton<IBlobStore>(services =>
        {
            var blobs = (IBlobStore)ActivatorUtilities.CreateInstance(services, real.ImplementationType!);
            return new FaultyBlobs(blobs)
            {
                OnCommit = async name =>
                {
                    if (!_lost.Contains(name))
                    {
                        _lost.Add(name);
                        await blobs.DeleteAsync(name, CancellationToken.None);
                    }
                },
            };
        });
    }
}
