using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Keeps plans for a few seconds, so that rows are planned without a call. A hit is synchronous and allocates
/// nothing; concurrent misses of one plan share one question. A router grain out of reach stops no row: the silo then
/// plans by its catalog alone.
/// </summary>
internal sealed partial class RoutePlanner(
    CatalogStore catalogs,
    PriceLists lists,
    IGrainFactory grains,
    ProviderKeys keys,
    IOptions<CatalogOptions> options,
    TimeProvider clock,
    ILogger<RoutePlanner> logger) : IRoutePlanner
{
    /// <summary>How long a plan is used. What is measured of providers changes about as fast.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(3);

    /// <summary>Plans kept at most: clients write policies, so the number of different ones is theirs to choose.</summary>
    internal const int MaxPlans = 4096;

    // Longer than a call that succeeds, much shorter than a row is worth waiting for.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<PlanKey, Entry> _plans = new(PlanKeyComparer.Instance);

    /// <summary>How many plans are kept.</summary>
    internal int Plans => _plans.Count;

    public ModelName Resolve(string model) => catalogs.Current.Resolve(model);

    public ValueTask<RoutePlan> PlanAsync(
        string model, string endpoint, ProviderPolicy policy, CancellationToken cancellation) =>
        PlanAsync(model, endpoint, policy, null, cancellation);

    public ValueTask<RoutePlan> PlanAsync(
        string model, string endpoint, ProviderPolicy policy, string? prices, CancellationToken cancellation)
    {
        var current = catalogs.Current;
        return lists.Find(current, prices) is { } catalog
            ? PlanAsync(catalog, model, endpoint, policy, ReferenceEquals(catalog, current) ? null : prices, cancellation)
            : PlanLaterAsync(lists.AtAsync(current, prices!), model, endpoint, policy, prices, cancellation);
    }

    private async ValueTask<RoutePlan> PlanLaterAsync(
        Task<Catalog> catalog, string model, string endpoint, ProviderPolicy policy, string? prices, CancellationToken cancellation) =>
        await PlanAsync(await catalog.WaitAsync(cancellation), model, endpoint, policy, prices, cancellation);

    private ValueTask<RoutePlan> PlanAsync(
        Catalog catalog, string model, string endpoint, ProviderPolicy policy, string? prices, CancellationToken cancellation)
    {
        if (catalog.Resolve(model).Model is not { } known)
        {
            return new ValueTask<RoutePlan>(RoutePlan.None);
        }

        var key = new PlanKey(known, endpoint, policy, prices);
        var now = clock.GetTimestamp();
        if (!_plans.TryGetValue(key, out var entry) || !entry.IsGood(catalog, now))
        {
            entry = Renew(key, catalog, now);
        }

        return entry.Plan.Value is { IsCompletedSuccessfully: true } plan
            ? new ValueTask<RoutePlan>(plan.Result)
            : new ValueTask<RoutePlan>(entry.Plan.Value.WaitAsync(cancellation));
    }

    private Entry Renew(PlanKey key, Catalog catalog, long now)
    {
        if (_plans.Count >= MaxPlans)
        {
            _plans.Clear();
        }

        // Of several callers one wins, and only the winner's question is ever asked. It is asked outside the caller's
        // grain, on whose turns the other callers must not depend.
        var until = now + (long)(Lifetime.TotalSeconds * clock.TimestampFrequency);
        var fresh = new Entry(catalog, until, new Lazy<Task<RoutePlan>>(() => Task.Run(() => AskAsync(key, catalog))));
        return _plans.AddOrUpdate(key, fresh, (_, there) => there.IsGood(catalog, now) ? there : fresh);
    }

    private async Task<RoutePlan> AskAsync(PlanKey key, Catalog catalog)
    {
        var offers = catalog.OffersOf(key.Model);
        var keyless = offers.Where(offer => !keys.Has(offer.Provider)).Select(offer => offer.Provider.Id).ToImmutableArray();
        var question = new RouteQuestion(key.Endpoint, key.Policy, keyless, options.Value.AllowSimulator);
        if (catalog.IsRepriced)
        {
            // The router has today's prices; by them it might drop what the client is billed less for.
            return RouteCalculator.Plan(offers, question);
        }

        try
        {
            var answer = await grains.GetGrain<IProviderRouterGrain>(key.Model)
                .PlanAsync(catalog.Version, question).WaitAsync(AnswerTimeout, clock);
            if (answer is not null)
            {
                return new RoutePlan([.. answer.Ranked.Select(id => offers.First(offer => offer.Provider.Id == id))], answer.Dropped);
            }
        }
        catch (Exception e)
        {
            PlannedAlone(logger, e, key.Model);
        }

        return RouteCalculator.Plan(offers, question);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The router of {Model} did not answer; planned by the catalog alone")]
    private static partial void PlannedAlone(ILogger logger, Exception exception, string model);

    private sealed record Entry(Catalog Catalog, long Until, Lazy<Task<RoutePlan>> Plan)
    {
        public bool IsGood(Catalog current, long now) => ReferenceEquals(Catalog, current) && now < Until;
    }
}
