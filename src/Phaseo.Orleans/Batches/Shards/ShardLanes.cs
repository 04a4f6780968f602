using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// A shard's rows by the provider that they want next, and the places that the limiter gives them. A provider that is
/// slow or asks for an hour holds up its own lane only.
/// </summary>
internal sealed class ShardLanes(ShardOrder order, IProviderLimiter limiter, RunStatus status)
{
    private readonly Dictionary<string, ShardLane> _lanes = [];
    private readonly List<ShardLane> _inOrder = [];

    /// <summary>Calls at once in each lane; the limiter holds the silo's sum.</summary>
    public int CallsAtOnce { get; set; } = order.Calls;

    /// <summary>Whether a row may start now.</summary>
    public required Func<bool> MayStart { get; init; }

    /// <summary>Makes a row's call; it has a place, which <see cref="Leave"/> gives back.</summary>
    public required Func<ShardLane, RowWork, Task> Call { get; init; }

    /// <summary>Told of a row whose provider is known to refuse until then.</summary>
    public required Action<RowWork, DateTimeOffset> PassedOver { get; init; }

    /// <summary>Whether no row is ready and no lane waits for a place.</summary>
    public bool AreEmpty => _inOrder.TrueForAll(lane => lane.Ready.Count == 0 && !lane.IsClaiming);

    /// <summary>Rows that have not started.</summary>
    public IEnumerable<RowWork> Ready => _inOrder.SelectMany(lane => lane.Ready);

    /// <summary>Puts a row into the lane of its next offer.</summary>
    public ShardLane Enqueue(RowWork work)
    {
        var provider = work.Offer.Provider.Id;
        if (!_lanes.TryGetValue(provider, out var lane))
        {
            lane = new(provider);
            _lanes.Add(provider, lane);
            _inOrder.Add(lane);
        }

        lane.Ready.Enqueue(work);
        return lane;
    }

    /// <summary>Starts what may start, in all lanes.</summary>
    public void PumpAll()
    {
        // A row that a lane passes on may open another lane meanwhile.
        for (var next = 0; next < _inOrder.Count; next++)
        {
            Pump(_inOrder[next]);
        }
    }

    /// <summary>Starts what may start in one lane.</summary>
    public void Pump(ShardLane lane)
    {
        while (lane.Ready.Count > 0 && lane.InFlight < CallsAtOnce && !lane.IsClaiming && MayStart())
        {
            var claim = limiter.AcquireAsync(lane.Provider, new(order.Workspace, status.Deadline), status.Claims);
            if (!claim.IsCompletedSuccessfully)
            {
                lane.IsClaiming = true;
                status.Own(AwaitAsync(lane, claim));
                return;
            }

            Take(lane, claim.Result);
        }
    }

    /// <summary>Gives a place back when its call has ended.</summary>
    public void Leave(ShardLane lane, CallOutcome outcome)
    {
        lane.InFlight--;
        status.InFlight--;
        limiter.Release(lane.Provider, outcome);
    }

    private async Task AwaitAsync(ShardLane lane, ValueTask<LimitGrant> claim)
    {
        try
        {
            var grant = await claim;
            lane.IsClaiming = false;
            if (grant.Granted && (lane.Ready.Count == 0 || !MayStart()))
            {
                limiter.Release(lane.Provider, CallOutcome.Unused);
                return;
            }

            Take(lane, grant);
            Pump(lane);
        }
        catch (OperationCanceledException) when (status.Claims.IsCancellationRequested)
        {
            lane.IsClaiming = false;
        }
        finally
        {
            status.WakeIfIdle();
        }
    }

    private void Take(ShardLane lane, LimitGrant grant)
    {
        if (grant.Granted)
        {
            lane.InFlight++;
            status.InFlight++;
            status.Own(Call(lane, lane.Ready.Dequeue()));
            return;
        }

        for (var left = lane.Ready.Count; left > 0; left--)
        {
            PassedOver(lane.Ready.Dequeue(), grant.BlockedUntil);
        }

        status.Wakeup.Set();
    }
}
