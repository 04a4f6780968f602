using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Silo;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>The product's own host in this process: silo, API, telemetry, embedded storage, on free ports of loopback.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    /// <summary>The key of the workspace <c>default</c>.</summary>
    public const string Key = "bench-key";

    private readonly WebApplication _app;

    private EngineHost(WebApplication app) => _app = app;

    /// <summary>The silo's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Where the API listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts it; <paramref name="map"/> may add endpoints of its own.</summary>
    public static async Task<EngineHost> StartAsync(
        EngineOptions options, CancellationToken cancellation, Action<WebApplication>? map = null)
    {
        Directory.CreateDirectory(options.Folder);
        var catalog = Path.Combine(options.Folder, "catalog.json");
        EchoCatalog.Write(catalog, options.Upstream, options.Concurrency, options.WarmUp);
        var chosen = new SiloOptions
        {
            Urls = "http://127.0.0.1:0",
            DataFolder = Path.Combine(options.Folder, "data"),
            CatalogPath = catalog,
            Key = Key,
        };
        string[] settings =
        [
            string.Create(CultureInfo.InvariantCulture, $"--Batches:MaxConcurrentCalls={options.Concurrency}"),
            "--Batches:MaxRows=1000000",
            "--Batches:MaxFileBytes=1073741824",
            "--Logging:LogLevel:Default=Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Warning",
            "--Logging:LogLevel:Orleans=Error", // It advises server GC, and warns when a process has just started.
            "--Logging:LogLevel:Orleans.Grain=None", // When stopping, it finds no silo to move a grain to.
        ];
        var app = SiloHost.Build(chosen, settings, ToStandardError);
        try
        {
            map?.Invoke(app);
            await app.StartAsync(cancellation);
            return new EngineHost(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    // Standard output is for results.
    private static void ToStandardError(WebApplicationBuilder builder) => builder.Logging
        .ClearProviders()
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
