using System.Text;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Batches.Shards;

/// <summary>Plans: which providers serve a model, best first. Model <c>m</c> is served by provider <c>a</c>.</summary>
internal sealed class FakePlanner : IRoutePlanner
{
    private readonly Dictionary<string, RoutePlan> _plans = [];

    public FakePlanner() => Serve("m", "a");

    public void Serve(string model, params string[] providers) =>
        _plans[model] = new([.. providers.Select(provider => Offer(model, provider))], []);

    public ValueTask<RoutePlan> PlanAsync(string model, string endpoint, ProviderPolicy policy, CancellationToken cancellation) =>
        new(_plans[model]);

    public ModelName Resolve(string model) => new(model, [model]);

    private static Offer Offer(string model, string provider) => new()
    {
        Provider = new() { Id = provider, Kind = ProviderKind.OpenAi },
        Model = model,
        UpstreamModel = model,
        Endpoints = ["/v1/chat/completions"],
        Prices = PriceTable.Empty,
    };
}

/// <summary>A limiter with room for all, but for providers that asked to be left alone.</summary>
internal sealed class FakeLimiter(TimeProvider clock) : IProviderLimiter
{
    private readonly Dictionary<string, DateTimeOffset> _blocked = [];

    /// <summary>Places handed out and not given back.</summary>
    public int InUse { get; private set; }

    public void Block(string provider, TimeSpan time) => _blocked[provider] = clock.GetUtcNow() + time;

    public ValueTask<LimitGrant> AcquireAsync(string provider, LimitClaim claim, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<LimitGrant>(cancellation);
        }

        if (_blocked.GetValueOrDefault(provider) is var until && until - clock.GetUtcNow() > ProviderLimiter.LongestWait)
        {
            return new(LimitGrant.Blocked(until));
        }

        InUse++;
        return new(LimitGrant.Place);
    }

    /// <summary>How many grants are too old by the time of their send.</summary>
    public int Overtaken { get; set; }

    public bool MaySend(string provider) => Overtaken-- <= 0;

    public void Release(string provider, CallOutcome outcome)
    {
        InUse--;
        if (outcome.RetryAfter is { } wait)
        {
            Block(provider, wait);
        }
    }
}

/// <summary>Providers that answer every call as the test says; by default at once, with an empty object.</summary>
internal sealed class FakeUpstreams : IUpstreams
{
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, int> _rows;

    public FakeUpstreams(TimeProvider clock, int rows) =>
        (_clock, _rows) = (clock, Enumerable.Range(0, rows).ToDictionary(row => RowIds.Of(ShardScene.Batch, row)));

    /// <summary>How a call is answered.</summary>
    public Func<SeenCall, Task<UpstreamAnswer>> Answer { get; set; } = _ => Task.FromResult(Good());

    /// <summary>Every call that went out, in order.</summary>
    public List<SeenCall> Calls { get; } = [];

    /// <summary>The rows that were called, in order.</summary>
    public IEnumerable<int> Rows => Calls.Select(call => call.Row);

    public static UpstreamAnswer Good(string body = "{}") => new(200, null, Encoding.UTF8.GetBytes(body), null, null);

    /// <summary>A refusal with a status and a body, as a provider in trouble gives it.</summary>
    public static UpstreamAnswer Bad(int status, TimeSpan? retryAfter = null) => new(
        status,
        null,
        Encoding.UTF8.GetBytes($$"""{"status":{{status}}}"""),
        null,
        new(status == 429 ? FailureKind.RateLimited : FailureKind.Overloaded, retryAfter));

    /// <summary>No answer at all.</summary>
    public static UpstreamAnswer None(FailureKind kind) => new(new ProviderFailure(kind));

    public IUpstream Find(Provider provider) => new One(this, provider.Id);

    private sealed class One(FakeUpstreams all, string provider) : IUpstream
    {
        public Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation)
        {
            // As the real ones: a call that is cancelled before it starts does not go out.
            cancellation.ThrowIfCancellationRequested();
            var call = new SeenCall(all._rows[request.RowId], request.Attempt, provider, all._clock.GetUtcNow(), cancellation);
            all.Calls.Add(call);
            return all.Answer(call);
        }
    }
}

/// <summary>A call that went out.</summary>
internal sealed record SeenCall(int Row, int Attempt, string Provider, DateTimeOffset At, CancellationToken Cancellation)
{
    private readonly TaskCompletionSource<UpstreamAnswer> _answer = new();

    /// <summary>Waits until the test answers, or the caller gives up.</summary>
    public Task<UpstreamAnswer> Held() => _answer.Task.WaitAsync(Cancellation);

    /// <summary>The test answers.</summary>
    public void End(UpstreamAnswer answer) => _answer.SetResult(answer);
}
