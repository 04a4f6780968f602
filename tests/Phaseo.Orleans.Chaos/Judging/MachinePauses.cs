using System.Globalization;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>
/// How late this machine is. Promises with a time are about an engine that gets to run, so what nobody got is added to
/// them: of a moment in which eight threads want to run on two processors, three quarters. Where
/// <c>/proc/loadavg</c> does not say how many want to, only how late this thread itself is.
/// </summary>
internal sealed class MachinePauses : IDisposable
{
    private const string LoadFile = "/proc/loadavg";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly ManualResetEvent _stop = new(false);
    private readonly List<(long At, TimeSpan Sum)> _ticks = [];
    private readonly Thread _thread;

    public MachinePauses()
    {
        _thread = new(Watch) { IsBackground = true, Name = "machine pauses" };
        _thread.Start();
    }

    /// <summary>What it was late altogether, and for how long it was watched.</summary>
    public (TimeSpan Late, TimeSpan Watched) Total
    {
        get
        {
            lock (_ticks)
            {
                return _ticks.Count == 0 ? default : (_ticks[^1].Sum, TimeProvider.System.GetElapsedTime(_ticks[0].At));
            }
        }
    }

    /// <summary>What the machine was late between a moment so long ago and another.</summary>
    public TimeSpan Between(TimeSpan sinceAgo, TimeSpan untilAgo)
    {
        var now = TimeProvider.System.GetTimestamp();
        lock (_ticks)
        {
            return SumAt(now, untilAgo) - SumAt(now, sinceAgo);
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private TimeSpan SumAt(long now, TimeSpan ago)
    {
        var index = _ticks.FindLastIndex(tick => TimeProvider.System.GetElapsedTime(tick.At, now) >= ago);
        return index < 0 ? TimeSpan.Zero : _ticks[index].Sum;
    }

    private void Watch()
    {
        var sum = TimeSpan.Zero;
        var before = TimeProvider.System.GetTimestamp();
        while (!_stop.WaitOne(Interval))
        {
            var now = TimeProvider.System.GetTimestamp();
            var passed = TimeProvider.System.GetElapsedTime(before, now);
            before = now;
            var late = passed - Interval;
            var waited = passed * WaitingShare();
            sum += waited > late ? waited : late > TimeSpan.Zero ? late : TimeSpan.Zero;
            lock (_ticks)
            {
                _ticks.Add((now, sum));
            }
        }
    }

    // The fourth field is "runnable/all", of which this thread is one.
    private static double WaitingShare()
    {
        if (!File.Exists(LoadFile))
        {
            return 0;
        }

        var runnable = int.Parse(File.ReadAllText(LoadFile).Split(' ')[3].Split('/')[0], CultureInfo.InvariantCulture) - 1;
        return runnable <= Environment.ProcessorCount ? 0 : 1 - ((double)Environment.ProcessorCount / runnable);
    }
}
