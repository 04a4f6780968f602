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

    /// <summary>Adds OpenTelemetry.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "phaseo"))
            .WithMetrics(metrics => metrics
                .AddMeter("Phaseo.Orleans", "Microsoft.Orleans")
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (OtlpVariables.Any(name => !string.IsNullOrEmpty(builder.Configuration[name])))
        {
            telemetry
                .WithTracing(traces => traces
                    .AddSource("Phaseo.Orleans", "Microsoft.Orleans.*")
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation())
                .UseOtlpExporter();
        }
    }
}
