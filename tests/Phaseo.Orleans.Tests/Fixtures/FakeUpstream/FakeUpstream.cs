using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>How a <see cref="FakeUpstream"/> is set up.</summary>
public sealed record FakeUpstreamOptions
{
    /// <summary>The port. Default: 0, any that is free.</summary>
    public int Port { get; init; }

    /// <summary>With it the upstream speaks https, and HTTP/2 with clients that can; without it, HTTP/1.1.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>A file to which calls are appended as lines of JSON; null: none.</summary>
    public string? LogFile { get; init; }
}

/// <summary>
/// A provider on loopback that speaks OpenAI's and Anthropic's APIs, notes every call, answers with the hash of the
/// call's body and does to calls what its rules say.
/// </summary>
public sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FakeCallLog _log;
    private readonly ConcurrentDictionary<FakeRule, int> _used = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _stop = new();

    private FakeUpstream(WebApplication app, FakeCallLog log)
    {
        _app = app;
        _log = log;
    }

    /// <summary><c>http(s)://127.0.0.1:port/v1</c>.</summary>
    public Uri BaseUrl { get; private set; } = null!;

    /// <summary>What is done to which calls. Default: all are answered well. May be replaced at any time.</summary>
    public IReadOnlyList<FakeRule> Rules { get; set; } = [];

    /// <summary>The calls so far, in the order of their arrival.</summary>
    public IReadOnlyList<FakeCall> Calls => _log.Calls;

    /// <summary>Starts listening.</summary>
    public static async Task<FakeUpstream> StartAsync(FakeUpstreamOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new FakeUpstreamOptions();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = options.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (options.Certificate is { } certificate)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        var upstream = new FakeUpstream(app, new FakeCallLog(options.LogFile));
        app.Run(upstream.HandleAsync);
        await app.StartAsync(cancellation);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        upstream.BaseUrl = new Uri(new Uri(addresses.Addresses.Single()), "/v1");
        return upstream;
    }

    /// <summary>Does this to every call from now on.</summary>
    public void Always(FakeFault fault) => Rules = [new FakeRule { Fault = fault }];

    /// <summary>Completes when the calls are as <paramref name="condition"/> wants them.</summary>
    /// <exception cref="TimeoutException">They are not within half a minute.</exception>
    public async Task WaitAsync(Func<IReadOnlyList<FakeCall>, bool> condition, CancellationToken cancellation)
    {
        try
        {
            await _log.WaitAsync(condition, cancellation).WaitAsync(TimeSpan.FromSeconds(30), cancellation);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"The fake upstream's calls did not become what was awaited. It saw: {string.Join(", ", Calls)}");
        }
    }

    /// <summary>Stops listening and drops all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.StopAsync(_stop.Token);
        await _app.DisposeAsync();
        _log.Dispose();
        _stop.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        FakeCall? call = null;
        try
        {
            var seen = await FakeRequest.ReadAsync(context.Request, gone.Token);
            call = _log.Add(seen.ToCall);
            var fault = Choose(call);
            call = call with { Fault = fault.Kind };
            await FakeResponse.WriteAsync(context, call, fault, gone.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone, or the test is over.
            context.Abort();
        }
        finally
        {
            if (call is not null)
            {
                _log.Update(call with { EndedAt = TimeProvider.System.GetUtcNow() });
            }
        }
    }

    private FakeFault Choose(FakeCall call)
    {
        foreach (var rule in Rules)
        {
            if (rule.Matches(call) && (rule.Times is not { } times || _used.AddOrUpdate(rule, 1, (_, n) => n + 1) <= times))
            {
                return rule.Fault;
            }
        }

        return new FakeFault();
    }
}
