using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class SilentShardTests : IDisposable
{
    // Three shards, of which two have a place.
    private const int Rows = 1_200;
    private const int Calls = 16;
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ScriptedUpstreams _upstreams;
    private readonly WatchedJournals _journals = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly TaskCompletionSource _isFrozen = new();
    private readonly TaskCompletionSource<DateTimeOffset> _isReplaced = new();
    private int _frozen;

    public SilentShardTests()
    {
        _upstreams = new("silo", _clock);
        _journals.BeforeAppend = header =>
        {
            if (header is { Epoch: 1, Sequence: 1 } && Interlocked.Exchange(ref _frozen, 1) == 0)
            {
                // The activation's only thread: from here on it answers nobody.
                Assert.NotSame(TaskScheduler.Default, TaskScheduler.Current);
                _isFrozen.SetResult();
                _wake.Wait(TestContext.Current.CancellationToken);
            }
            else if (header.Epoch == 2)
            {
                _isReplaced.TrySetResult(_clock.GetUtcNow());
            }

            return Task.CompletedTask;
        };
    }

    [Fact]
    public async Task Activation_that_stands_still_is_replaced_by_another_and_holds_up_no_other_shard()
    {
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await _isFrozen.Task;
        var frozenAt = _clock.GetUtcNow();

        await TurnUntilAsync("rows of the other shards", () => _upstreams.Calls.Count >= Rows - 500);
        var others = _clock.GetUtcNow();
        await TurnUntilAsync("other activation", () => _isReplaced.Task.IsCompleted);
        var replacedAt = await _isReplaced.Task;
        var batch = await UntilTerminalAsync(silo, id);
        _wake.Set();
        await Patience.UntilAsync("refusal", () => _journals.Appends.Any(append => append.Epoch == 1 && append.Result != AppendResult.Appended));

        Assert.Equal((BatchStatus.Completed, Rows, 0), (batch.Status, batch.Completed, batch.Failed));
        Assert.InRange(others - frozenAt, TimeSpan.Zero, Pause);
        Assert.InRange(replacedAt - frozenAt, Pause, Takeover);
        Assert.Equal(Enumerable.Range(0, Rows), _upstreams.Calls.Select(call => call.Row).Order());
    }

    public void Dispose()
    {
        _wake.Set();
        _wake.Dispose();
        _journals.Dispose();
    }

    private Task<EngineSilo> StartAsync() => EngineSilo.StartAsync(ScriptedUpstreams.Catalog(2 * Calls, "m"), silo =>
    {
        _upstreams.Use(silo);
        _journals.Watch(silo);
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
        silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);

        // Who waits for an answer that does not come waits longer than any test.
        silo.Services.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromMinutes(10));
        silo.Services.Configure<BatchOptions>(options => options.MaxConcurrentCalls = Calls);
    });

    private Task TurnUntilAsync(string what, Func<bool> condition) => Patience.UntilAsync(what, () =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        return condition();
    });

    private Task<BatchView> UntilTerminalAsync(EngineSilo silo, string id) => Patience.UntilAsync("end of the batch", async () =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        return await silo.Batch(id).GetAsync() is { } batch && batch.Status.IsTerminal() ? batch : null;
    });
}
