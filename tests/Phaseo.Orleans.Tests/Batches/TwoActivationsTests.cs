using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class TwoActivationsTests
{
    private const int Rows = 60;
    private const int Calls = 16;

    // Two clusters that know nothing of each other and one storage: each has its own activation of batch and shard.
    [Fact]
    public async Task Of_two_activations_of_a_shard_only_the_one_with_the_higher_epoch_goes_on()
    {
        using var folder = new TempFolder();
        await using var stores = new SharedStores(folder.Path);
        var (earlier, later) = (new ScriptedUpstreams("earlier", TimeProvider.System), new ScriptedUpstreams("later", TimeProvider.System));
        var (answerEarlier, answerLater) = (new TaskCompletionSource(), new TaskCompletionSource());
        earlier.Answer = call => AnswerAfterAsync(call, call.Row < Calls ? answerEarlier.Task : new TaskCompletionSource().Task);
        later.Answer = call => AnswerAfterAsync(call, answerLater.Task);
        var journals = new WatchedJournals();
        await using var first = await EngineSilo.StartAsync(ScriptedUpstreams.Catalog(Calls, "m"), silo => Customise(silo, earlier, journals), stores);
        await using var second = await EngineSilo.StartAsync(ScriptedUpstreams.Catalog(Calls, "m"), silo => Customise(silo, later), stores);

        var id = await first.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await Patience.UntilAsync("calls of the first", () => earlier.Calls.Count == Calls);
        await second.Batch(id).DriveAsync();
        await Patience.UntilAsync("calls of the second", () => later.Calls.Count == Calls);
        answerEarlier.SetResult();
        await Patience.UntilAsync("refusal", () => journals.Appends.Contains((1, AppendResult.PositionTaken)));
        await Patience.UntilAsync("end of the first's shard", async () => await first.IsActiveAsync(id, 0) ? null : "gone");
        var calls = earlier.Calls.Count;
        answerLater.SetResult();
        var batch = await second.UntilTerminalAsync(id);

        Assert.Equal((BatchStatus.Completed, Rows, 0), (batch.Status, batch.Completed, batch.Failed));
        var lines = await second.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id));
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (row, "later")), lines.Select(ResultOf));
        Assert.Equal(Enumerable.Range(0, Rows), later.Calls.Select(call => call.Row).Order());
        Assert.InRange(calls, Calls, 2 * Calls);
        Assert.Equal(calls, earlier.Calls.Count);
        Assert.All(earlier.Calls.Where(call => call.Row >= Calls), call => Assert.True(call.Cancellation.IsCancellationRequested));
    }

    private static void Customise(ISiloBuilder silo, ScriptedUpstreams upstreams, WatchedJournals? journals = null)
    {
        silo.Services.Configure<BatchOptions>(options => options.MaxConcurrentCalls = Calls);
        upstreams.Use(silo);
        journals?.Watch(silo);
    }

    private static async Task<UpstreamAnswer> AnswerAfterAsync(ScriptedCall call, Task gate)
    {
        await gate.WaitAsync(call.Cancellation);
        return call.Good();
    }

    private static (int Row, string By) ResultOf(string line)
    {
        var body = JsonDocument.Parse(line).RootElement.GetProperty("response").GetProperty("body");
        return (body.GetProperty("row").GetInt32(), body.GetProperty("by").GetString()!);
    }
}
