using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class DrivenBatchTests
{
    // No timer of the batch comes while the clock stands still.
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private int _asked;

    // A silo's death is why batches are driven, and their shards may have been on it.
    [Fact]
    public async Task Batch_that_is_driven_asks_whether_its_shard_still_runs()
    {
        var mayAnswer = new TaskCompletionSource();
        var upstreams = new ScriptedUpstreams("silo", _clock) { Answer = call => AnswerAfterAsync(call, mayAnswer.Task) };
        await using var silo = await EngineSilo.StartAsync(ScriptedUpstreams.Catalog(1, "m"), silo =>
        {
            upstreams.Use(silo);
            silo.AddIncomingGrainCallFilter(CountAsync);
            silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        });
        var id = await silo.SubmitAsync(EngineSilo.Rows(1, "m"));
        await Patience.UntilAsync("call", () => upstreams.Calls.Count == 1);

        var before = _asked;
        await silo.Batch(id).DriveAsync();

        await Patience.UntilAsync("question", () => _asked > before);
        mayAnswer.SetResult();
        await silo.UntilTerminalAsync(id);
    }

    private static async Task<UpstreamAnswer> AnswerAfterAsync(ScriptedCall call, Task gate)
    {
        await gate;
        return call.Good();
    }

    private Task CountAsync(IIncomingGrainCallContext call)
    {
        if (call.InterfaceMethod.Name == nameof(IShardGrain.EnsureRunningAsync))
        {
            Interlocked.Increment(ref _asked);
        }

        return call.Invoke();
    }
}
