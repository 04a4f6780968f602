using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The providers of a silo: they answer as the test says and write down who called and when.</summary>
internal sealed class ScriptedUpstreams(string name, TimeProvider clock) : IUpstreams
{
    /// <summary>How a call is answered; by default at once and well.</summary>
    public Func<ScriptedCall, Task<UpstreamAnswer>> Answer { get; set; } = call => Task.FromResult(call.Good());

    /// <summary>Every call that went out, in order.</summary>
    public ConcurrentQueue<ScriptedCall> Calls { get; } = new();

    private string Name => name;

    private TimeProvider Clock => clock;

    /// <summary>Has a silo call these.</summary>
    public void Use(ISiloBuilder silo) => silo.Services.Replace(ServiceDescriptor.Singleton<IUpstreams>(this));

    /// <summary>A catalog of one offer by each provider, for the model of its name; each takes so many calls at once.</summary>
    public static string Catalog(int concurrency, params string[] providers) => $$"""
        {"providers":[{{string.Join(',', providers.Select(id => Provider(id, concurrency)))}}],"offers":[{{string.Join(',', providers.Select(Offer))}}]}
        """;

    public IUpstream Find(Provider provider) => new One(this, provider.Id);

    private static string Provider(string id, int concurrency) =>
        $$"""{"id":"{{id}}","kind":"openai","base_url":"http://127.0.0.1:1/v1","api_key_env":null,"max_concurrency":{{concurrency}}}""";

    private static string Offer(string id) => $$"""
        {"provider":"{{id}}","model":"{{id}}","upstream_model":"{{id}}","endpoints":["/v1/chat/completions"],"batch":"relay","status":"active","prices":[]}
        """;

    private sealed class One(ScriptedUpstreams all, string provider) : IUpstream
    {
        public Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            using var body = JsonDocument.Parse(request.Body);
            var row = body.RootElement.GetProperty("messages")[0].GetProperty("content").GetString()!;
            var call = new ScriptedCall(
                all.Name, provider, int.Parse(row, CultureInfo.InvariantCulture), request.Attempt, all.Clock.GetUtcNow(), cancellation);
            all.Calls.Enqueue(call);
            return all.Answer(call);
        }
    }
}

/// <summary>A call that went out.</summary>
internal sealed record ScriptedCall(
    string Silo, string Provider, int Row, int Attempt, DateTimeOffset At, CancellationToken Cancellation)
{
    /// <summary>An answer that says whose it is.</summary>
    public UpstreamAnswer Good() =>
        new(200, null, Encoding.UTF8.GetBytes($$"""{"row":{{Row}},"by":"{{Silo}}"}"""), null, null);

    /// <summary>The answer of a provider that wants to be left alone.</summary>
    public static UpstreamAnswer Bad(int status, TimeSpan retryAfter) => new(
        status, null, "{}"u8.ToArray(), null, new(status == 429 ? FailureKind.RateLimited : FailureKind.Overloaded, retryAfter));
}
