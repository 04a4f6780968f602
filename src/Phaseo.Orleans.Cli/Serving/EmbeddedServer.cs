using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Cli.Serving;

/// <summary>
/// A silo inside this process, on loopback, with a free port and a key that nobody else knows. Whatever its data folder
/// holds unfinished goes on as soon as it runs.
/// </summary>
internal sealed class EmbeddedServer : IServerSession
{
    // Long enough for running calls to be written down, short enough for a person who pressed Ctrl-C.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;

    private EmbeddedServer(WebApplication app, string key, TimeProvider time)
    {
        _app = app;
        Client = new PhaseoClient(ServerAddress.Parse(app.Urls.First(), key).Url, key, time);
    }

    public PhaseoClient Client { get; }

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Starts it; returns when it is ready.</summary>
    public static async Task<IServerSession> StartAsync(EmbeddedSettings settings, TimeProvider time, CancellationToken cancellation)
    {
        var key = ApiKeys.NewKey();
        var options = new SiloOptions
        {
            Urls = "http://127.0.0.1:0",
            DataFolder = settings.DataFolder,
            CatalogPath = settings.CatalogPath,
            Key = key,
        };
        // The summary of a run says when answers came from the simulator, so nobody takes them for real ones.
        var app = SiloStart.Build(options, settings.LogLevel, allowSimulator: true);
        try
        {
            await app.StartAsync(cancellation);
            return new EmbeddedServer(app, key, time);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asked of the batch itself: the running cost is no part of the HTTP contract.</summary>
    public async ValueTask<long?> ReadCostAsync(BatchInfo batch)
    {
        var grains = _app.Services.GetRequiredService<IGrainFactory>();
        return (await grains.GetGrain<IBatchGrain>(batch.Id).GetAsync())?.CostNanos;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using (var late = new CancellationTokenSource(StopLimit))
        {
            await _app.StopAsync(late.Token);
        }

        await _app.DisposeAsync();
    }
}

/// <summary>What an embedded silo is started with.</summary>
/// <param name="DataFolder">Its data folder.</param>
/// <param name="CatalogPath">Its catalog; null: the one that ships.</param>
/// <param name="LogLevel">What it logs to standard error; null: nothing.</param>
internal sealed record EmbeddedSettings(string DataFolder, string? CatalogPath, LogLevel? LogLevel);
