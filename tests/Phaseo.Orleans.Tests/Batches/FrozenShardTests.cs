using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class FrozenShardTests : IDisposable
{
    private const int Rows = 30;
    private const int Calls = 16;
    private const int Answered = 10;
    private const long Frozen = 1;
    private readonly ScriptedUpstreams _upstreams = new("silo", TimeProvider.System);
    private readonly WatchedJournals _journals = new();
    private readonly TaskCompletionSource _wake = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Shard_that_froze_in_an_append_and_wakes_when_others_have_closed_it_changes_nothing(bool untilTheEnd)
    {
        _upstreams.Answer = call => call.Row < Answered
            ? Task.FromResult(call.Good())
            : new TaskCompletionSource<UpstreamAnswer>().Task.WaitAsync(call.Cancellation);
        var isFrozen = new TaskCompletionSource();
        _journals.BeforeAppend = header =>
        {
            if (header is { Epoch: Frozen, Sequence: > 1 })
            {
                isFrozen.TrySetResult();
                return _wake.Task;
            }

            // The second frame of whoever closes it is the seal: the sleeper wakes between fence and seal.
            return header.Epoch > Frozen && header.Sequence == 2 && !untilTheEnd ? WakeAndSettleAsync() : Task.CompletedTask;
        };
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await isFrozen.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        var calls = _upstreams.Calls.Count;

        await silo.Batch(id).CancelAsync();
        await AssertNothingComesOfItAsync(silo, id, calls);
    }

    [Fact]
    public async Task Answers_that_come_when_others_have_closed_the_shard_change_nothing()
    {
        _upstreams.Answer = async call =>
        {
            // A provider's adapter that does not hear of the cancellation.
            await _wake.Task;
            return call.Good();
        };
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await Patience.UntilAsync("calls", () => _upstreams.Calls.Count == Calls);

        await silo.Batch(id).CancelAsync();
        await AssertNothingComesOfItAsync(silo, id, Calls);
    }

    [Fact]
    public async Task Shard_that_stands_still_altogether_is_closed_without_an_answer_from_it()
    {
        var isFrozen = new TaskCompletionSource();
        _journals.BeforeAppend = header =>
        {
            if (header is { Epoch: Frozen, Sequence: 1 })
            {
                // The activation's only thread: from here on it answers nobody.
                Assert.NotSame(TaskScheduler.Default, TaskScheduler.Current);
                isFrozen.TrySetResult();
                _wake.Task.Wait(Cancel);
            }

            return Task.CompletedTask;
        };
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(EngineSilo.Rows(Rows, "m"));
        await isFrozen.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        await silo.Batch(id).CancelAsync();

        await AssertNothingComesOfItAsync(silo, id, calls: 0, appended: 0);
    }

    public void Dispose() => _journals.Dispose();

    private async Task AssertNothingComesOfItAsync(EngineSilo silo, string id, int calls, int appended = 1)
    {
        var batch = await silo.UntilTerminalAsync(id);
        var errors = await silo.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, id));
        _wake.TrySetResult();
        await Patience.UntilAsync("refusal", () => _journals.Appends.Any(append => append.Epoch == Frozen && append.Result != AppendResult.Appended));
        await Patience.UntilAsync("end of the activation", async () => await silo.IsActiveAsync(id, 0) ? null : "gone");

        Assert.Equal((BatchStatus.Cancelled, 0, Rows), (batch.Status, batch.Completed, batch.Failed));
        Assert.Equal(Rows, errors.Length);
        Assert.All(errors, line => Assert.Contains("batch_cancelled", line, StringComparison.Ordinal));
        Assert.Equal(errors, await silo.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, id)));
        Assert.Empty(await silo.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id)));
        Assert.Null(await _journals.GetLengthAsync(new(EngineSilo.Workspace, id, 0), Cancel));
        Assert.Equal(calls, _upstreams.Calls.Count);
        Assert.Equal(appended, _journals.Appends.Count(append => append is (Frozen, AppendResult.Appended)));
    }

    private async Task WakeAndSettleAsync()
    {
        _wake.TrySetResult();
        await Patience.UntilAsync("refusal", () => _journals.Appends.Contains((Frozen, AppendResult.PositionTaken)));
    }

    private Task<EngineSilo> StartAsync() => EngineSilo.StartAsync(ScriptedUpstreams.Catalog(Calls, "m"), silo =>
    {
        _upstreams.Use(silo);
        _journals.Watch(silo);

        // Who waits for an answer that does not come waits longer than any test.
        silo.Services.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromMinutes(10));
        silo.Services.Configure<BatchOptions>(options =>
        {
            options.MaxConcurrentCalls = Calls;
            options.CancelGrace = TimeSpan.Zero;
        });
    });
}
