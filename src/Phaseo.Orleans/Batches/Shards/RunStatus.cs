using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// How a shard's run stands: what is under way, what it was told, what went wrong. Its parts share it, on one strand.
/// </summary>
internal sealed class RunStatus(ShardOrder order, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _claims = new();
    private readonly CancellationTokenSource _calls = new();
    private readonly long _startedAt = time.GetTimestamp();
    private ITimer? _grace;
    private Exception? _fault;

    /// <summary>By this silo's clock.</summary>
    public DateTimeOffset Deadline { get; } = time.GetUtcNow() + order.Remaining;

    /// <summary>Fires when no call may be claimed any more.</summary>
    public CancellationToken Claims => _claims.Token;

    /// <summary>Fires when calls in flight are to be dropped.</summary>
    public CancellationToken Calls => _calls.Token;

    /// <summary>Wakes the run: there may be something to decide.</summary>
    public Wakeup Wakeup { get; } = new(time);

    /// <summary>Calls, and claims that were granted.</summary>
    public int InFlight { get; set; }

    /// <summary>Rows without a result.</summary>
    public int Open { get; set; }

    /// <summary>How the shard must end; <see cref="ShardOutcome.None"/> while it may go on.</summary>
    public ShardOutcome Stopping { get; private set; }

    /// <summary>Whether another activation takes the rest.</summary>
    public bool IsHandingBack { get; private set; }

    /// <summary>Whether all is dropped.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Whether nothing told it to stop, and its time is not over.</summary>
    public bool MayGoOn =>
        Stopping == ShardOutcome.None && !IsHandingBack && !IsAborted && time.GetElapsedTime(_startedAt) < order.Remaining;

    /// <summary>Starts no further row; calls in flight get <paramref name="grace"/>.</summary>
    public void Stop(ShardOutcome outcome, TimeSpan grace)
    {
        if (Stopping == ShardOutcome.None)
        {
            Stopping = outcome;
            DropCallsAfter(grace);
        }
    }

    /// <summary>Leaves the rest to another activation; calls in flight get <paramref name="grace"/>.</summary>
    public void HandBack(TimeSpan grace)
    {
        IsHandingBack = true;
        DropCallsAfter(grace);
    }

    /// <summary>Drops everything at once.</summary>
    public void DropAll()
    {
        IsAborted = true;
        _claims.Cancel();
        _calls.Cancel();
        Wakeup.Set();
    }

    /// <summary>Wakes the run when nothing is under way: with calls running, a turn of its loop for each row would cost more than the row.</summary>
    public void WakeIfIdle()
    {
        if (InFlight == 0)
        {
            Wakeup.Set();
        }
    }

    /// <summary>Takes a task on: one that fails ends the run; it is never left unobserved.</summary>
    public async void Own(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e)
        {
            _fault ??= e;
            Wakeup.Set();
        }
    }

    /// <summary>Throws what an owned task has thrown.</summary>
    public void ThrowIfFailed()
    {
        if (_fault is not null)
        {
            throw new InvalidOperationException($"Shard {order.Shard} of {order.Batch} failed.", _fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _grace?.Dispose();
        _claims.Dispose();
        _calls.Dispose();
    }

    private void DropCallsAfter(TimeSpan grace)
    {
        _claims.Cancel();
        _grace?.Dispose();
        _grace = time.CreateTimer(calls => ((CancellationTokenSource)calls!).Cancel(), _calls, grace, Timeout.InfiniteTimeSpan);
        Wakeup.Set();
    }
}
