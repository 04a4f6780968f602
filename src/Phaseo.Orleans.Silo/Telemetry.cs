using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Phaseo.Orleans.Silo;

/// <summary>
/// Metrics are always there for <c>/metrics</c>. Spans cost something on every request, so they are made only when
/// the standard variables say where to send them.
/// </summary>
internal static class Telemetry
{
    private static readonly string[] OtlpVariables =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];

    // Whoever asks these asks all day.
    private static readonly string[] Probes = ["/healthz", "/metrics"];

    /// <summary>Adds OpenTelemetry.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection("Telemetry").Get<TelemetryOptions>() ?? new();
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                builder.Configuration["OTEL_SERVICE_NAME"] ?? "phaseo",
                serviceVersion: typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion))
            .WithMetrics(metrics => metrics
                .AddMeter(PhaseoMetrics.MeterName, "Microsoft.Orleans")
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (OtlpVariables.Any(name => !string.IsNullOrEmpty(builder.Configuration[name])))
        {
            telemetry
                .WithTracing(traces => traces
                    .AddSource([PhaseoTraces.SourceName, .. options.Sources])
                    .AddAspNetCoreInstrumentation(http => http.Filter = request =>
                        !Array.Exists(Probes, path => request.Request.Path.StartsWithSegments(path, StringComparison.Ordinal))))
                .UseOtlpExporter();
        }
    }
}

/// <summary>What is sent besides what is always sent. Section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>
    /// Sources of more spans, such as <c>Microsoft.Orleans.*</c> (each grain call), <c>Azure.*</c> and
    /// <c>System.Net.Http</c> (each request to storage). They make traces of their own for heartbeats and leases, all day.
    /// Default: none.
    /// </summary>
    public string[] Sources { get; set; } = [];
}
