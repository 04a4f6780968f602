namespace Phaseo.Orleans.Routing;

/// <summary>
/// Lends places for upstream calls on this silo, under the provider's limits for the whole cluster and the silo's
/// own cap. Waiting here is no attempt.
/// </summary>
public interface IProviderLimiter
{
    /// <summary>
    /// Waits for a place for one call. Completes at once when one is free; answers <see cref="LimitGrant.Blocked"/>
    /// instead of waiting when the provider is known to refuse for more than a few seconds
    /// (<c>Retry-After</c>, open breaker), so that the caller can do other work.
    /// </summary>
    ValueTask<LimitGrant> AcquireAsync(string provider, LimitClaim claim, CancellationToken cancellation);

    /// <summary>
    /// Whether a granted place is still good. Asked right before each send: since the grant the process may have stood
    /// still for longer than the silo's lease. A place that is not is given back unused.
    /// </summary>
    bool MaySend(string provider);

    /// <summary>Gives a place back and says how the call went. Exactly once for each granted place.</summary>
    void Release(string provider, CallOutcome outcome);
}

/// <summary>Who asks, for fairness between workspaces and earliest deadline first within one.</summary>
public readonly record struct LimitClaim(string Workspace, DateTimeOffset Deadline);

/// <summary>The answer to a claim.</summary>
public readonly record struct LimitGrant(bool Granted, DateTimeOffset BlockedUntil)
{
    /// <summary>A place.</summary>
    public static readonly LimitGrant Place = new(true, default);

    /// <summary>No place before a moment.</summary>
    public static LimitGrant Blocked(DateTimeOffset until) => new(false, until);
}

/// <summary>How a call went, as far as limits care.</summary>
public readonly record struct CallOutcome(CallResult Result, TimeSpan? RetryAfter, long Tokens)
{
    /// <summary>The call never went out.</summary>
    public static readonly CallOutcome Unused = new(CallResult.Unused, null, 0);
}

/// <summary>The kinds of outcome that limits tell apart.</summary>
public enum CallResult
{
    /// <summary>The place was not used.</summary>
    Unused = 0,

    /// <summary>An answer came that says nothing bad of the provider's capacity.</summary>
    Ok = 1,

    /// <summary>429 or the like: slow down.</summary>
    Throttled = 2,

    /// <summary>The provider failed.</summary>
    Failed = 3,
}
