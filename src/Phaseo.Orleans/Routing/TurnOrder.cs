namespace Phaseo.Orleans.Routing;

/// <summary>A claim that waits for a place.</summary>
internal sealed class Waiter(ProviderGate gate, string workspace, (long Deadline, long Number) rank)
    : TaskCompletionSource<LimitGrant>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public ProviderGate Gate { get; } = gate;

    public string Workspace { get; } = workspace;

    /// <summary>Earliest deadline first, then first come.</summary>
    public (long Deadline, long Number) Rank { get; } = rank;
}

/// <summary>What one workspace waits for at one gate.</summary>
internal sealed class WaitList(Turn turn)
{
    public Turn Turn { get; } = turn;

    public SortedDictionary<(long Deadline, long Number), Waiter> Waiters { get; } = [];
}

/// <summary>When a workspace was last served, over all gates of the silo.</summary>
internal sealed class Turn
{
    public long LastServed { get; set; }

    public int Waiting { get; set; }
}

/// <summary>
/// Who is next: of the workspaces that wait at a gate with a free place, the one that was served longest ago; of its
/// claims there, the one with the earliest deadline. A workspace that begins to wait goes behind those that already
/// do, so asking for one thing at a time gains nothing. Guarded by the limiter's lock.
/// </summary>
internal sealed class TurnOrder
{
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);
    private readonly List<ProviderGate> _gates = [];
    private long _tick;

    public Waiter Enqueue(ProviderGate gate, LimitClaim claim)
    {
        if (!gate.Lists.TryGetValue(claim.Workspace, out var list))
        {
            if (!_turns.TryGetValue(claim.Workspace, out var turn))
            {
                turn = new Turn { LastServed = ++_tick };
                _turns.Add(claim.Workspace, turn);
            }

            list = new WaitList(turn);
            gate.Lists.Add(claim.Workspace, list);
        }

        if (gate.Waiting == 0)
        {
            _gates.Add(gate);
        }

        var waiter = new Waiter(gate, claim.Workspace, (claim.Deadline.UtcTicks, ++_tick));
        list.Waiters.Add(waiter.Rank, waiter);
        list.Turn.Waiting++;
        gate.Waiting++;
        return waiter;
    }

    /// <summary>Takes out the next claim that a gate has a place for; null when there is none.</summary>
    public Waiter? TryDequeue(long now)
    {
        WaitList? next = null;
        foreach (var gate in _gates)
        {
            if (!gate.HasPlace(now))
            {
                continue;
            }

            foreach (var list in gate.Lists.Values)
            {
                if (next is null || list.Turn.LastServed < next.Turn.LastServed)
                {
                    next = list;
                }
            }
        }

        if (next is null)
        {
            return null;
        }

        next.Turn.LastServed = ++_tick;
        var waiter = next.Waiters.First().Value;
        Remove(waiter);
        return waiter;
    }

    /// <summary>Takes a claim out. False: it waits no longer.</summary>
    public bool Remove(Waiter waiter)
    {
        var gate = waiter.Gate;
        if (!gate.Lists.TryGetValue(waiter.Workspace, out var list) || !list.Waiters.Remove(waiter.Rank))
        {
            return false;
        }

        if (list.Waiters.Count == 0)
        {
            gate.Lists.Remove(waiter.Workspace);
        }

        if (--list.Turn.Waiting == 0)
        {
            _turns.Remove(waiter.Workspace);
        }

        if (--gate.Waiting == 0)
        {
            _gates.Remove(gate);
        }

        return true;
    }

    /// <summary>Takes out all claims of one gate.</summary>
    public Waiter[] RemoveAll(ProviderGate gate)
    {
        var waiters = gate.Lists.Values.SelectMany(list => list.Waiters.Values).ToArray();
        foreach (var waiter in waiters)
        {
            Remove(waiter);
        }

        return waiters;
    }

    /// <summary>When the first block ends that claims wait for; null when there is none.</summary>
    public long? NextUnblocked(long now)
    {
        long? next = null;
        foreach (var gate in _gates)
        {
            if (gate.BlockedUntil > now && !(next <= gate.BlockedUntil))
            {
                next = gate.BlockedUntil;
            }
        }

        return next;
    }
}
