namespace Phaseo.Orleans.Cli.Runs;

/// <summary>
/// How fast something gets done, over a sliding window, so that the figure follows a provider that slows down. What
/// was done before the first sample does not count: a resumed batch does not look fast for its past.
/// </summary>
/// <param name="window">How far back it looks.</param>
internal sealed class RateMeter(TimeSpan window)
{
    private readonly LinkedList<(TimeSpan At, long Done)> _samples = [];

    /// <summary>Takes a sample. Samples come in the order of time; a count that falls is taken as standing still.</summary>
    public void Add(TimeSpan at, long done)
    {
        if (_samples.Last is { } last && done < last.Value.Done)
        {
            done = last.Value.Done;
        }

        _samples.AddLast((at, done));

        // The sample just outside the window stays: it is where the window starts.
        while (_samples.First!.Next is { } next && at - next.Value.At >= window)
        {
            _samples.RemoveFirst();
        }
    }

    /// <summary>Things a second; null until two samples lie apart.</summary>
    public double? PerSecond
    {
        get
        {
            if (_samples.Count < 2)
            {
                return null;
            }

            var (first, last) = (_samples.First!.Value, _samples.Last!.Value);
            var seconds = (last.At - first.At).TotalSeconds;
            return seconds > 0 ? (last.Done - first.Done) / seconds : null;
        }
    }

    /// <summary>How long the rest takes at this rate; null when nothing moves or that is beyond a year.</summary>
    public TimeSpan? TimeFor(long remaining)
    {
        if (remaining <= 0)
        {
            return TimeSpan.Zero;
        }

        return PerSecond is { } rate and > 0 && remaining / rate is var seconds and < 365 * 86_400d
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }
}
