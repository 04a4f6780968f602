namespace Phaseo.Orleans.Tests.Cli;

/// <summary>
/// A clock on which waits of up to five minutes are over at once and are written down. Longer ones, and the client's
/// 100 seconds for an answer, run as on any clock.
/// </summary>
internal sealed class ImpatientTime : TimeProvider
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(100);
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];

    /// <summary>The waits that were asked for, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_lock)
            {
                return [.. _waits];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == AnswerLimit || dueTime < TimeSpan.Zero || dueTime > TimeSpan.FromMinutes(5))
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        lock (_lock)
        {
            _waits.Add(dueTime);
        }

        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
