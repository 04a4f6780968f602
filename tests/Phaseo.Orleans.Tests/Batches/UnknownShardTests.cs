using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class UnknownShardTests : IDisposable
{
    private const int Rows = 20;
    private const long Unknown = 7;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly WatchedJournals _journals = new();
    private readonly ScriptedUpstreams _upstreams;

    public UnknownShardTests() => _upstreams = new("silo", _clock)
    {
        Answer = call => new TaskCompletionSource<UpstreamAnswer>().Task.WaitAsync(call.Cancellation),
    };

    [Fact]
    public async Task Activation_that_its_batch_does_not_know_goes_though_its_calls_hang()
    {
        await using var silo = await StartAsync();
        var id = await SubmitAsync(silo);

        await silo.Shard(id, 0, Unknown).StartAsync(await OrderAsync(silo, id, Window));
        await Patience.UntilAsync("calls of the unknown one", () => _upstreams.Calls.Count == 2 * Rows);
        var startedAt = _clock.GetUtcNow();
        await UntilGoneAsync(silo, id);

        Assert.InRange(_clock.GetUtcNow() - startedAt, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.Equal(BatchStatus.InProgress, (await silo.Batch(id).GetAsync())!.Status);
    }

    [Fact]
    public async Task Deadline_does_not_wait_for_an_activation_that_waits_for_its_fence()
    {
        var isFencing = new TaskCompletionSource();
        var mayFence = new TaskCompletionSource();
        _journals.BeforeAppend = header =>
        {
            if (header.Epoch != Unknown)
            {
                return Task.CompletedTask;
            }

            isFencing.TrySetResult();
            return mayFence.Task;
        };
        await using var silo = await StartAsync();
        var id = await SubmitAsync(silo);

        await silo.Shard(id, 0, Unknown).StartAsync(await OrderAsync(silo, id, TimeSpan.FromSeconds(10)));
        await isFencing.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(10));
        mayFence.SetResult();
        await UntilGoneAsync(silo, id);

        Assert.Contains((Unknown, AppendResult.Appended), _journals.Appends);
        Assert.Equal(Rows, _upstreams.Calls.Count);
    }

    public void Dispose() => _journals.Dispose();

    private Task<EngineSilo> StartAsync() => EngineSilo.StartAsync(ScriptedUpstreams.Catalog(2 * Rows, "m"), silo =>
    {
        _upstreams.Use(silo);
        _journals.Watch(silo);
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
        silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        silo.Services.Configure<BatchOptions>(options => options.MaxConcurrentCalls = 2 * Rows);
    });

    private async Task<string> SubmitAsync(EngineSilo silo)
    {
        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await Patience.UntilAsync("calls", () => _upstreams.Calls.Count == Rows);
        return id;
    }

    private Task<string> UntilGoneAsync(EngineSilo silo, string id) => Patience.UntilAsync("end of the unknown one", async () =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        return await silo.IsActiveAsync(id, 0, Unknown) ? null : "gone";
    });

    private static async Task<ShardOrder> OrderAsync(EngineSilo silo, string id, TimeSpan remaining)
    {
        var progress = await silo.Batch(id).GetProgressAsync();
        return new()
        {
            Workspace = EngineSilo.Workspace,
            Batch = id,
            Shard = 0,
            Epoch = Unknown,
            Slice = progress!.OnlyShard!.Value,
            InputBlob = progress.InputBlob,
            Endpoint = "/v1/chat/completions",
            Policy = new(),
            Calls = Rows,
            Remaining = remaining,
        };
    }
}
