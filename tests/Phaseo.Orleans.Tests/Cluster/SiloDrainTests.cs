using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Cluster;

namespace Phaseo.Orleans.Tests.Cluster;

public sealed class SiloDrainTests
{
    private static readonly DrainOptions Limits = new() { CallLimit = TimeSpan.FromSeconds(25), FlushLimit = TimeSpan.FromSeconds(5) };
    private readonly FakeTimeProvider _clock = new();
    private readonly SiloDrain _drain;

    public SiloDrainTests() => _drain = new(Options.Create(Limits), _clock, NullLogger<SiloDrain>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_silo_is_drained_at_once()
    {
        Assert.False(_drain.IsDraining);

        await _drain.DrainAsync(Cancel);

        Assert.True(_drain.IsDraining);
    }

    [Fact]
    public void Every_shard_is_told_once_and_how_long_its_calls_have()
    {
        var told = new List<TimeSpan>();
        using var first = _drain.Enter(told.Add);
        using var second = _drain.Enter(told.Add);

        _ = _drain.DrainAsync(Cancel);
        _ = _drain.DrainAsync(Cancel);

        Assert.Equal([Limits.CallLimit, Limits.CallLimit], told);
    }

    [Fact]
    public async Task The_silo_stays_until_the_last_shard_has_gone()
    {
        var first = _drain.Enter(_ => { });
        var second = _drain.Enter(_ => { });

        var draining = _drain.DrainAsync(Cancel);
        first.Dispose();
        Assert.False(draining.IsCompleted);
        second.Dispose();

        await draining.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_shard_that_does_not_go_is_left_behind_when_the_limits_are_over()
    {
        using var stays = _drain.Enter(_ => { });

        var draining = _drain.DrainAsync(Cancel);
        _clock.Advance(Limits.CallLimit + Limits.FlushLimit - TimeSpan.FromTicks(1));
        Assert.False(draining.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));

        await draining.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public void A_shard_that_comes_later_finds_what_is_left_of_the_time()
    {
        using var stays = _drain.Enter(_ => { });
        Assert.Null(_drain.CallsEndIn);

        _ = _drain.DrainAsync(Cancel);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(15), _drain.CallsEndIn);
        _clock.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(TimeSpan.Zero, _drain.CallsEndIn);
    }
}
