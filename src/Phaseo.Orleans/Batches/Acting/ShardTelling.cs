using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>Tells shards to start, to go on and to stop, and remembers which it has told what.</summary>
internal sealed class ShardTelling(ActContext batch, ShardOrders orders)
{
    /// <summary>How long an answer to a stop is waited for, and for how long after its calls' end a shard may still end itself.</summary>
    public static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(2);

    private readonly Dictionary<int, long> _told = [];
    private readonly HashSet<int> _stopped = [];
    private int _calls;

    /// <summary>Starts shards under the epochs that are saved.</summary>
    public async Task StartAsync(IEnumerable<int> shards, CancellationToken cancellation)
    {
        foreach (var shard in shards)
        {
            await StartAsync(shard, cancellation);
        }
    }

    /// <summary>
    /// Of each shard that this activation has not told, or that may have died: does it run? If not, a new epoch first.
    /// </summary>
    public async Task TellAsync(CancellationToken cancellation)
    {
        var calls = orders.Calls;
        if (calls != _calls)
        {
            _calls = calls;
            _told.Clear();
        }

        List<int> lost = [];
        foreach (var running in batch.State.Running)
        {
            if (_told.GetValueOrDefault(running.Shard) == running.Epoch)
            {
                continue;
            }

            if (await batch.Shard(running.Shard).EnsureRunningAsync(running.Epoch, calls) == ShardAnswer.Running)
            {
                _told[running.Shard] = running.Epoch;
            }
            else
            {
                lost.Add(running.Shard);
            }
        }

        if (lost.Count > 0)
        {
            await batch.RecordAsync([.. lost.Select(shard => new BatchEvent.EpochRaised(shard))]);
            await StartAsync(lost, cancellation);
        }
    }

    /// <summary>The same of every running shard.</summary>
    public Task TellAllAsync(CancellationToken cancellation)
    {
        _told.Clear();
        return TellAsync(cancellation);
    }

    /// <summary>A shard has given its place back: when it runs again it is told again.</summary>
    public void Forget(int shard) => _told.Remove(shard);

    /// <summary>Tells a shard to stop. False: it does not run, and has to be closed.</summary>
    public async Task<bool> StopAsync(RunningShard running, ShardOutcome outcome, TimeSpan grace)
    {
        if (_stopped.Contains(running.Shard))
        {
            return true;
        }

        try
        {
            var answer = await batch.Shard(running.Shard).StopAsync(running.Epoch, outcome, grace).WaitAsync(StopMargin, batch.Services.Time);
            if (answer == ShardAnswer.Running)
            {
                _stopped.Add(running.Shard);
                return true;
            }

            return false;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // It does not answer: closed without it when its calls' time is over.
            return true;
        }
    }

    private async Task StartAsync(int shard, CancellationToken cancellation)
    {
        // Nobody is told of an epoch that is not saved: another act may just be raising it.
        if (batch.Saver.Saved.Running.FirstOrDefault(running => running.Shard == shard) is not { } chosen
            || batch.State.Status != BatchStatus.InProgress)
        {
            return;
        }

        await orders.PlanAsync(cancellation);
        await batch.Shard(shard).StartAsync(orders.Of(shard, chosen.Epoch));
        _told[shard] = chosen.Epoch;
    }
}
