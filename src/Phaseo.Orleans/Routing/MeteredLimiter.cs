namespace Phaseo.Orleans.Routing;

/// <summary>The limiter, with waits measured. A free place costs nothing here either.</summary>
internal sealed class MeteredLimiter(ProviderLimiter inner, PhaseoMetrics metrics, TimeProvider clock) : IProviderLimiter
{
    public ValueTask<LimitGrant> AcquireAsync(string provider, LimitClaim claim, CancellationToken cancellation)
    {
        var grant = inner.AcquireAsync(provider, claim, cancellation);
        return grant.IsCompleted ? grant : MeasureAsync(provider, grant);
    }

    public bool MaySend(string provider) => inner.MaySend(provider);

    public void Release(string provider, CallOutcome outcome) => inner.Release(provider, outcome);

    private async ValueTask<LimitGrant> MeasureAsync(string provider, ValueTask<LimitGrant> grant)
    {
        var startedAt = clock.GetTimestamp();
        try
        {
            return await grant.ConfigureAwait(false);
        }
        finally
        {
            metrics.LimiterWaited(provider, clock.GetElapsedTime(startedAt));
        }
    }
}

/// <summary>How one provider's places are used on a silo.</summary>
/// <param name="Provider">Whose places.</param>
/// <param name="Places">Calls at once that this silo has been lent.</param>
/// <param name="InUse">Calls that run.</param>
/// <param name="Waiting">Calls that wait.</param>
internal readonly record struct ProviderUse(string Provider, int Places, int InUse, int Waiting);
