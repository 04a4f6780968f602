using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Cluster;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Keeps this silo's leases good while they are used. At the silo's start, and whenever another silo is gone, it states to
/// every provider's lender what is held, though it be nothing: a new lender that has heard all silos need not wait
/// (<see cref="LeaseBook"/>).
/// </summary>
internal sealed partial class LeaseKeeper(
    ProviderLimiter limiter,
    CatalogStore catalogs,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    IClusterMembershipService membership,
    SiloDrain drain,
    TimeProvider clock,
    ILogger<LeaseKeeper> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // Well below the time between renewals: a lender that hangs costs one of them.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(LeaseKeeper), ServiceLifecycleStage.Active, Start, Stop);

    public void Dispose() => _stopping.Dispose();

    private Task Start(CancellationToken cancellation)
    {
        foreach (var provider in catalogs.Current.Providers)
        {
            limiter.GateOf(provider.Id);
        }

        _running = Task.Run(() => Task.WhenAll(KeepAllAsync(_stopping.Token), FollowMembersAsync(_stopping.Token)), CancellationToken.None);
        return Task.CompletedTask;
    }

    // Nothing is given back here: calls may still run, and they count until membership says that the silo is gone.
    private async Task Stop(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task KeepAllAsync(CancellationToken stopping)
    {
        var keeping = new List<Task>();
        try
        {
            await foreach (var gate in limiter.Opened.ReadAllAsync(stopping))
            {
                keeping.Add(KeepAsync(gate, stopping));
            }
        }
        finally
        {
            await Task.WhenAll(keeping);
        }
    }

    private async Task FollowMembersAsync(CancellationToken stopping)
    {
        HashSet<SiloAddress> known = [];
        await foreach (var members in membership.MembershipUpdates.WithCancellation(stopping))
        {
            var alive = members.Members.Values.Where(member => member.Status != SiloStatus.Dead).Select(member => member.SiloAddress).ToHashSet();
            if (!known.IsSubsetOf(alive))
            {
                limiter.NudgeAll();
            }

            known = alive;
        }
    }

    private async Task KeepAsync(ProviderGate gate, CancellationToken stopping)
    {
        var isLost = false;
        while (!stopping.IsCancellationRequested)
        {
            gate.Rearm();
            var lease = await RenewAsync(gate, isLost, stopping);
            isLost = lease is null;

            // A lender out of reach is tried again soon.
            var wait = lease?.RenewIn ?? LeaseTimes.ShortRenewal;
            await WaitAsync(gate, wait, stopping);
        }
    }

    private async Task<ProviderLease?> RenewAsync(ProviderGate gate, bool isLost, CancellationToken stopping)
    {
        try
        {
            var claimedAt = clock.GetTimestamp();
            var claim = limiter.Claim(gate, silo.SiloAddress, wantsPlaces: !drain.IsDraining);
            var lease = await grains.GetGrain<IProviderLimitGrain>(gate.Provider)
                .LendAsync(claim).WaitAsync(AnswerTimeout, clock, stopping);
            limiter.Apply(gate, lease, claimedAt);
            return lease;
        }
        catch (Exception e)
        {
            // Once an outage: no calls will start when the lease has ended, which is what an operator must know.
            if (!isLost && !stopping.IsCancellationRequested)
            {
                NoLease(logger, e, gate.Provider);
            }

            return null;
        }
    }

    private async Task WaitAsync(ProviderGate gate, TimeSpan wait, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var nudged = gate.Nudged;
        await Task.WhenAny(nudged, Task.Delay(wait, clock, over.Token));
        await over.CancelAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease for provider {Provider} was not renewed; no call starts after it ends")]
    private static partial void NoLease(ILogger logger, Exception exception, string provider);
}
