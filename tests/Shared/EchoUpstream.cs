using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Phaseo.Orleans.Testing;

/// <summary>How an <see cref="EchoUpstream"/> behaves.</summary>
public sealed record EchoUpstreamOptions
{
    /// <summary>The time between a request and its answer; may change. Default: none.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Which calls fail; may change. Default: none.</summary>
    public EchoFaults Faults { get; set; } = EchoFaults.None;

    /// <summary>How bodies are named. Default: <see cref="BodyHashes.Raw"/>.</summary>
    public BodyHash Hash { get; init; } = BodyHashes.Raw;

    /// <summary>Where calls are noted; null: nowhere, and every answer's <c>call</c> is 0.</summary>
    public CallLog? Log { get; init; }

    /// <summary>What <see cref="Latency"/> runs on. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>
/// A provider on loopback that answers <c>…/chat/completions</c> and <c>…/embeddings</c> with a small answer that holds
/// the hash of the request's body and the call's serial. Any other path is a 404.
/// </summary>
public sealed class EchoUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoUpstream(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary><c>http://127.0.0.1:port</c>, a port that was free.</summary>
    public Uri Address { get; }

    /// <summary>What a catalog gives as the provider's <c>base_url</c>.</summary>
    public Uri BaseUrl => new(Address, "/v1");

    /// <summary>Starts listening.</summary>
    public static async Task<EchoUpstream> StartAsync(EchoUpstreamOptions options, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<EchoConnection>()));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<EchoConnection>();
        var app = builder.Build();
        await app.StartAsync(cancellation);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        return new EchoUpstream(app, new Uri(addresses.Addresses.Single()));
    }

    /// <summary>Stops listening and ends open connections.</summary>
    public async ValueTask DisposeAsync()
    {
        // Idle keep-alive connections would hold up an orderly stop for its whole time-out.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
