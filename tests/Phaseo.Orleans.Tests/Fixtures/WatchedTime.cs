using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A clock that a test turns, and that tells when somebody has set a timer: only then is there something to turn it for.</summary>
internal sealed class WatchedTime(FakeTimeProvider clock) : TimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = clock.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Ends when a timer of this length has been set; those that were set before are forgotten.</summary>
    public async Task TimerIsSetAsync(TimeSpan dueTime)
    {
        var patience = TimeSpan.FromSeconds(30);
        while (await _timers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(patience) != dueTime)
        {
        }
    }
}
