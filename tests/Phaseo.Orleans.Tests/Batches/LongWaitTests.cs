using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class LongWaitTests
{
    // Three shards, of which two have a place.
    private const int Rows = 1_200;
    private const int Calls = 16;
    private const int Kept = 500;
    private static readonly TimeSpan Window = TimeSpan.FromHours(24);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly DateTimeOffset _start;
    private readonly ScriptedUpstreams _upstreams;

    public LongWaitTests() => (_start, _upstreams) = (_clock.GetUtcNow(), new("silo", _clock));

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Provider_that_is_down_for_an_hour_holds_up_its_own_rows_only(int status)
    {
        _upstreams.Answer = call => Task.FromResult(
            call.Provider == "down" && call.At < _start + Hour ? ScriptedCall.Bad(status, Hour) : call.Good());
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(TwoModels());

        // Its clock hardly moves, so what waits for a time goes on waiting.
        await TurnUntilAsync(TimeSpan.FromMilliseconds(100), "calls of the other provider", () => CallsOf("up").Count == Rows / 2);
        Assert.InRange(_clock.GetUtcNow() - _start, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        var early = CallsOf("down").Count;
        await TurnToAsync(silo, id, _start + Hour - TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
        await TurnUntilAsync(TimeSpan.FromSeconds(1), "calls of the provider that is back", () => CallsOf("down").Count == early + (Rows / 2));
        var batch = await TurnUntilAsync(silo, id, TimeSpan.FromSeconds(1), view => view.Status.IsTerminal());

        Assert.Equal((BatchStatus.Completed, Rows, 0), (batch.Status, batch.Completed, batch.Failed));
        Assert.InRange(early, 1, 2 * Calls);
        Assert.Equal(Rows / 2, CallsOf("up").Count);
        Assert.Equal((Rows / 2) + early, CallsOf("down").Count);
        Assert.DoesNotContain(CallsOf("down").Skip(early), call => call.At < _start + Hour);
        Assert.InRange(batch.CompletedAt!.Value, _start + Hour, _start + (2 * Hour));
    }

    [Fact]
    public async Task Window_of_a_day_passes_and_what_was_not_done_by_then_expires()
    {
        _upstreams.Answer = call => call.Provider == "up"
            ? Task.FromResult(call.Good())
            : new TaskCompletionSource<UpstreamAnswer>().Task.WaitAsync(call.Cancellation);
        await using var silo = await StartAsync();
        var id = await silo.SubmitAsync(TwoModels(), Window);

        // The rows that never end keep two shards of 500 in their places; the third one's rows never start.
        await TurnUntilAsync(silo, id, TimeSpan.FromMilliseconds(100), view => view.Completed == Kept);
        await TurnToAsync(silo, id, _start + Window - TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
        var batch = await TurnUntilAsync(silo, id, TimeSpan.FromSeconds(1), view => view.Status.IsTerminal());
        await Patience.UntilAsync("end of its shards", async () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return await silo.IsActiveAsync(id, 0) || await silo.IsActiveAsync(id, 1) ? null : "gone";
        });

        Assert.Equal((BatchStatus.Expired, Kept, Rows - Kept), (batch.Status, batch.Completed, batch.Failed));
        Assert.Equal(_start + Window, batch.ExpiresAt);
        Assert.InRange(batch.ExpiredAt!.Value, batch.ExpiresAt, batch.ExpiresAt + Hour);
        Assert.All(_upstreams.Calls, call => Assert.True(call.At < batch.ExpiresAt, $"Row {call.Row} started at {call.At}."));
        Assert.Equal(Kept, (await silo.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id))).Length);
        var errors = await silo.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, id));
        Assert.Equal(Rows - Kept, errors.Length);
        Assert.All(errors, line => Assert.Contains("batch_expired", line, StringComparison.Ordinal));
    }

    private static string TwoModels()
    {
        var (up, down) = (EngineSilo.Rows(Rows, "up").Split('\n'), EngineSilo.Rows(Rows, "down").Split('\n'));
        return string.Concat(Enumerable.Range(0, Rows).Select(row => (row % 2 == 0 ? up : down)[row] + "\n"));
    }

    private List<ScriptedCall> CallsOf(string provider) => [.. _upstreams.Calls.Where(call => call.Provider == provider)];

    private Task<EngineSilo> StartAsync() => EngineSilo.StartAsync(ScriptedUpstreams.Catalog(Calls / 2, "up", "down"), silo =>
    {
        _upstreams.Use(silo);
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_clock));
        silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
        silo.Services.Configure<BatchOptions>(options => options.MaxConcurrentCalls = Calls);
    });

    private Task TurnUntilAsync(TimeSpan step, string what, Func<bool> condition) => Patience.UntilAsync(what, () =>
    {
        _clock.Advance(step);
        return condition();
    });

    private Task<BatchView> TurnUntilAsync(EngineSilo silo, string id, TimeSpan step, Func<BatchView, bool> condition) =>
        Patience.UntilAsync("such batch", async () =>
        {
            _clock.Advance(step);
            return await silo.Batch(id).GetAsync() is { } batch && condition(batch) ? batch : null;
        });

    private async Task TurnToAsync(EngineSilo silo, string id, DateTimeOffset moment, TimeSpan step)
    {
        while (_clock.GetUtcNow() < moment)
        {
            Assert.Equal(BatchStatus.InProgress, (await silo.Batch(id).GetAsync())!.Status);
            _clock.Advance(step);
        }
    }
}
