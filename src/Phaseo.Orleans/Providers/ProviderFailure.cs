namespace Phaseo.Orleans.Providers;

/// <summary>Why a call did not give an answer to keep, and how long the provider asked us to wait (already judged).</summary>
public sealed record ProviderFailure(FailureKind Kind, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the next offer, or a new round, may help.</summary>
    public bool IsRetryable => Kind switch
    {
        FailureKind.RateLimited or FailureKind.Overloaded or FailureKind.Unreachable or FailureKind.TimedOut => true,
        FailureKind.OperatorFault or FailureKind.Truncated => true,
        FailureKind.Refused or FailureKind.InvalidResponse => false,
    };

    /// <summary>Whose fault it was: ours, the provider's, the caller's.</summary>
    public string MetricLabel => Kind switch
    {
        FailureKind.RateLimited => "rate_limited",
        FailureKind.Overloaded => "overloaded",
        FailureKind.Unreachable => "unreachable",
        FailureKind.TimedOut => "timed_out",
        FailureKind.OperatorFault => "operator_fault",
        FailureKind.Truncated => "truncated",
        FailureKind.Refused => "refused",
        FailureKind.InvalidResponse => "invalid_response",
    };
}

/// <summary>The classes of failure of contract.md "Attempts" and the upstream faults that we plan for.</summary>
public enum FailureKind
{
    /// <summary>429.</summary>
    RateLimited = 1,

    /// <summary>408, 425, ≥500.</summary>
    Overloaded = 2,

    /// <summary>Refused, reset, DNS, TLS: no answer came.</summary>
    Unreachable = 3,

    /// <summary>The total or the idle limit ran out.</summary>
    TimedOut = 4,

    /// <summary>
    /// 401, 402, 403, 404 for the model, a redirect, an exhausted quota, or a key that is not set: alarm, next offer,
    /// body never shown to the client.
    /// </summary>
    OperatorFault = 5,

    /// <summary>Any other 4xx: the caller's fault, final; status and body are the row's answer.</summary>
    Refused = 6,

    /// <summary>A 2xx whose body ended early: worth one more try.</summary>
    Truncated = 7,

    /// <summary>A 2xx whose body is no JSON object, or over the response cap: the row ends as <c>invalid_provider_response</c>.</summary>
    InvalidResponse = 8,
}
