using System.Reflection;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

/// <summary>A router grain in hand: it answers by the catalog unless it is told to answer otherwise, fail or wait.</summary>
internal sealed class FakeRouter : IProviderRouterGrain
{
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public CatalogStore? Catalogs { get; set; }

    public TaskCompletionSource? Gate { get; set; }

    public Exception? Failure { get; set; }

    public Func<RouteQuestion, RouteAnswer?>? Answer { get; set; }

    public RouteQuestion? Last { get; private set; }

    public async Task<RouteAnswer?> PlanAsync(string catalogVersion, RouteQuestion question)
    {
        Interlocked.Increment(ref _asked);
        Last = question;
        if (Gate is { } gate)
        {
            await gate.Task;
        }

        if (Failure is { } failure)
        {
            throw failure;
        }

        if (Answer is { } answer)
        {
            return answer(question);
        }

        var plan = RouteCalculator.Plan(Catalogs!.Current.OffersOf("m"), question);
        return new RouteAnswer([.. plan.Ranked.Select(offer => offer.Provider.Id)], plan.Dropped);
    }
}

/// <summary>A grain factory that hands out one grain whatever it is asked for.</summary>
public class OneGrainFactory : DispatchProxy
{
    private IAddressable? _grain;

    internal static IGrainFactory Of(IAddressable grain)
    {
        var factory = Create<IGrainFactory, OneGrainFactory>();
        ((OneGrainFactory)(object)factory)._grain = grain;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grain;
}
