using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Cluster;

/// <summary>
/// Empties a silo that is told to stop, while it is still a full member of its cluster: shards that run here start no
/// further call, write down what comes of those in flight and are handed back to their batches, which start them on
/// other silos at once. Whatever is not done in time is left to what a crash leaves it to.
/// </summary>
internal sealed partial class SiloDrain(IOptions<DrainOptions> options, TimeProvider time, ILogger<SiloDrain> log)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Run> _runs = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _startedAt;

    /// <summary>Whether the silo has been told to stop.</summary>
    public bool IsDraining => CallsEndIn is not null;

    /// <summary>How long calls in flight may still go on; null while nothing stops.</summary>
    public TimeSpan? CallsEndIn
    {
        get
        {
            lock (_lock)
            {
                return _startedAt is { } at ? Left(options.Value.CallLimit, at) : null;
            }
        }
    }

    /// <summary>Notes a shard that runs here until the answer is disposed of.</summary>
    /// <param name="handBack">Called once when the silo is told to stop, with what is left to calls in flight. From any thread.</param>
    public IDisposable Enter(Action<TimeSpan> handBack)
    {
        var run = new Run(this, handBack);
        lock (_lock)
        {
            _runs.Add(run);
        }

        return run;
    }

    /// <summary>Empties the silo. Ends when no shard runs here, or when the limits are over.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        Run[] runs;
        lock (_lock)
        {
            if (_startedAt is not null)
            {
                return;
            }

            _startedAt = time.GetTimestamp();
            runs = [.. _runs];
            FinishIfEmpty();
        }

        LogDraining(log, runs.Length);
        foreach (var run in runs)
        {
            run.HandBack(options.Value.CallLimit);
        }

        await _empty.Task.WaitAsync(options.Value.CallLimit + options.Value.FlushLimit, time, cancellation)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            LogDrained(log, _runs.Count);
        }
    }

    private TimeSpan Left(TimeSpan limit, long since)
    {
        var left = limit - time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Leave(Run run)
    {
        lock (_lock)
        {
            _runs.Remove(run);
            FinishIfEmpty();
        }
    }

    private void FinishIfEmpty()
    {
        if (_startedAt is not null && _runs.Count == 0)
        {
            _empty.TrySetResult();
        }
    }

    [LoggerMessage(LogLevel.Information, "The silo is told to stop; {Shards} shards run here and are handed back")]
    private static partial void LogDraining(ILogger log, int shards);

    [LoggerMessage(LogLevel.Information, "The silo leaves its cluster; {Shards} shards could not be handed back in time")]
    private static partial void LogDrained(ILogger log, int shards);

    private sealed class Run(SiloDrain drain, Action<TimeSpan> handBack) : IDisposable
    {
        public Action<TimeSpan> HandBack { get; } = handBack;

        public void Dispose() => drain.Leave(this);
    }
}
