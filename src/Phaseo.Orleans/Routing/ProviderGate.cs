namespace Phaseo.Orleans.Routing;

/// <summary>
/// One provider's way in, on one silo. Guarded by the limiter's lock; times are timestamps of the monotonic clock.
/// </summary>
internal sealed class ProviderGate(string provider)
{
    private long _leaseEnds;
    private TaskCompletionSource _nudge = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Provider { get; } = provider;

    /// <summary>Calls that run.</summary>
    public int InUse { get; set; }

    /// <summary>Claims that wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Places lent, good before <see cref="LeaseEnds"/>.</summary>
    public int Places { get; set; }

    /// <summary>From here on nothing is sent on the lease. May be read without the lock.</summary>
    public long LeaseEnds
    {
        get => Volatile.Read(ref _leaseEnds);
        set => Volatile.Write(ref _leaseEnds, value);
    }

    /// <summary>Who lent them; empty: nobody yet.</summary>
    public Guid Lender { get; set; }

    /// <summary>Until then the provider does not want to hear from us.</summary>
    public long BlockedUntil { get; set; }

    /// <summary>When a place was last asked for; null: never.</summary>
    public long? LastClaim { get; set; }

    /// <summary>Counts the claims sent to the lender.</summary>
    public long Round { get; set; }

    /// <summary>How many waited when the lender was last told.</summary>
    public int ToldWaiting { get; set; }

    /// <summary>The waiting claims by workspace.</summary>
    public Dictionary<string, WaitList> Lists { get; } = new(StringComparer.Ordinal);

    /// <summary>Completes when the lender should hear from us before the next renewal is due.</summary>
    public Task Nudged => Volatile.Read(ref _nudge).Task;

    public int PlacesAt(long now) => now < LeaseEnds ? Places : 0;

    public bool HasPlace(long now) => InUse < PlacesAt(now) && BlockedUntil <= now;

    /// <summary>Asks for a renewal now.</summary>
    public void Nudge() => _nudge.TrySetResult();

    /// <summary>Asks for a renewal when claims wait and the lender was told that none do.</summary>
    public void NudgeIfNews()
    {
        if (ToldWaiting == 0)
        {
            Nudge();
        }
    }

    /// <summary>Arms the nudge again.</summary>
    public void Rearm()
    {
        if (Nudged.IsCompleted)
        {
            Volatile.Write(ref _nudge, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }
}
