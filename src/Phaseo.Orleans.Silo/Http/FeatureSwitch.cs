using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Silo.Http;

/// <summary><c>Batches:Enabled=false</c>: after authentication, every route of a feature answers 501. Accepted batches run on.</summary>
internal static class FeatureSwitch
{
    /// <summary>Puts the switch before all routes of a group.</summary>
    public static RouteGroupBuilder WithFeature(this RouteGroupBuilder group, string feature) => group.AddEndpointFilterFactory(
        (route, next) =>
        {
            var options = route.ApplicationServices.GetRequiredService<IOptionsMonitor<BatchOptions>>();
            return call => options.CurrentValue.Enabled ? next(call) : new(new Disabled(feature));
        });

    private sealed class Disabled(string feature) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WireErrors.WriteDisabledAsync(httpContext, feature);
    }
}
