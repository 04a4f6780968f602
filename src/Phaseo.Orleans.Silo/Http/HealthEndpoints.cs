using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// <c>/healthz/live</c>: the process answers. <c>/healthz/startup</c>: the silo has joined. <c>/healthz/ready</c>: and
/// storage answers, and nobody has told the silo to stop, so that requests may be sent here. Open to all; says nothing
/// but yes or no.
/// </summary>
internal static class HealthEndpoints
{
    private const string Ready = "ready";
    private const string Startup = "startup";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds the checks.</summary>
    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<SiloCheck>("silo", tags: [Ready, Startup], timeout: Timeout)
        .AddCheck<DrainCheck>("drain", tags: [Ready], timeout: Timeout)
        .AddCheck<StorageCheck>("storage", tags: [Ready], timeout: Timeout);

    /// <summary>Maps the routes.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/healthz/live", Only(_ => false));
        app.MapHealthChecks("/healthz/startup", Only(check => check.Tags.Contains(Startup)));
        app.MapHealthChecks("/healthz/ready", Only(check => check.Tags.Contains(Ready)));
    }

    private static HealthCheckOptions Only(Func<HealthCheckRegistration, bool> predicate) => new()
    {
        Predicate = predicate,
        ResponseWriter = WriteAsync,
    };

    private static Task WriteAsync(HttpContext http, HealthReport report)
    {
        if (report.Status == HealthStatus.Healthy)
        {
            return http.Response.WriteAsync("ok", http.RequestAborted);
        }

        var failed = report.Entries.Where(check => check.Value.Status != HealthStatus.Healthy).Select(check => check.Key);
        return WireErrors.WriteAsync(http, new(503, $"Not well: {string.Join(", ", failed)}."));
    }

    private sealed class SiloCheck(ISiloStatusOracle silos) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(silos.CurrentStatus == SiloStatus.Active ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
    }

    private sealed class DrainCheck(SiloDrain drain) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(drain.IsDraining ? HealthCheckResult.Unhealthy() : HealthCheckResult.Healthy());
    }

    // Any id will do: whether storage answers is what matters, not what.
    private sealed class StorageCheck(IFileRecords files) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            await files.GetAsync(ApiKeys.DefaultWorkspace, "file-health", cancellationToken);
            return HealthCheckResult.Healthy();
        }
    }
}
