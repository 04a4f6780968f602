namespace Phaseo.Orleans.Routing;

/// <summary>
/// Lends one provider's places to silos, so that the cluster together stays within the provider's limit. Key: the
/// provider's id.
/// </summary>
[GrainInterfaceType("provider-limit"), Alias("provider-limit")]
internal interface IProviderLimitGrain : IGrainWithStringKey
{
    /// <summary>Takes a silo's statement and answers with its lease.</summary>
    [Alias("lend")]
    Task<ProviderLease> LendAsync(LeaseClaim claim);
}

/// <summary>What a silo says of itself when it wants its lease renewed.</summary>
[GenerateSerializer, Immutable, Alias("lease.claim")]
internal sealed record LeaseClaim
{
    /// <summary>Who speaks. A restarted silo is another one.</summary>
    [Id(0)] public required SiloAddress Silo { get; init; }

    /// <summary>Rises with every claim. A silo sends one only after it has given up on the one before.</summary>
    [Id(1)] public required long Round { get; init; }

    /// <summary>Places that it holds on a lease that is still good.</summary>
    [Id(2)] public required int Held { get; init; }

    /// <summary>Calls that run.</summary>
    [Id(3)] public required int Running { get; init; }

    /// <summary>Calls that wait for a place.</summary>
    [Id(4)] public required int Waiting { get; init; }

    /// <summary>The most places it could use; 0: it needs none for now.</summary>
    [Id(5)] public required int Cap { get; init; }

    /// <summary>How long the provider asked to be left alone, from now.</summary>
    [Id(6)] public TimeSpan BlockedFor { get; init; }

    /// <summary>The lender that it last heard from; empty: none yet.</summary>
    [Id(7)] public Guid Lender { get; init; }
}

/// <summary>Places lent for a while, counted from before the claim was sent, on the holder's monotonic clock.</summary>
[GenerateSerializer, Immutable, Alias("lease")]
internal sealed record ProviderLease
{
    /// <summary>Calls that may run at once.</summary>
    [Id(0)] public required int Places { get; init; }

    /// <summary>How long.</summary>
    [Id(1)] public required TimeSpan Duration { get; init; }

    /// <summary>When to come back; infinite: when a place is needed again.</summary>
    [Id(2)] public required TimeSpan RenewIn { get; init; }

    /// <summary>How long the provider asked some silo to leave it alone, from now.</summary>
    [Id(3)] public TimeSpan BlockedFor { get; init; }

    /// <summary>Who lends. A new activation is another lender.</summary>
    [Id(4)] public Guid Lender { get; init; }
}

/// <summary>The times of lending (engine.md §2 and §3.12).</summary>
internal static class LeaseTimes
{
    /// <summary>How long a lease is good.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>How long before its end nothing more is sent on it.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    /// <summary>How often a lease is renewed: two renewals may fail before it ends.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(3);

    /// <summary>How soon a silo that got less than it may have asks again.</summary>
    public static readonly TimeSpan ShortRenewal = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a silo keeps places that it does not use.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
}
