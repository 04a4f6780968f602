using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Phaseo.Orleans.Silo;

namespace Phaseo.Orleans.Cli.Serving;

/// <summary>Builds the silo as a guest of the command line, which owns signals and standard output.</summary>
internal static class SiloStart
{
    private const string Timestamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Builds it.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="logLevel">The least level that goes to standard error; null: no logs.</param>
    /// <param name="allowSimulator">Whether the simulator takes part whatever the configuration says.</param>
    public static WebApplication Build(SiloOptions options, LogLevel? logLevel, bool allowSimulator) => SiloHost.Build(options, [], builder =>
    {
        if (allowSimulator)
        {
            builder.Configuration["Catalog:AllowSimulator"] = "true";
        }

        builder.Configuration["Logging:LogLevel:Default"] = (logLevel ?? LogLevel.None).ToString();
        builder.Configuration["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning"; // we say ourselves where we listen
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        builder.Logging.ClearProviders();
        if (logLevel is not null)
        {
            builder.Logging.AddLines(builder.Configuration["Logging:Console:FormatterName"] == ConsoleFormatterNames.Json);
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }
    });

    private static void AddLines(this ILoggingBuilder logging, bool asJson)
    {
        if (asJson)
        {
            logging.AddJsonConsole(console => (console.TimestampFormat, console.UseUtcTimestamp) = (Timestamp, true));
        }
        else
        {
            logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, Timestamp + " ", true));
        }
    }

    // The framework's own would answer Ctrl-C too.
    private sealed class GuestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
