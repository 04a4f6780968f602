using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>An upstream as the catalog describes it.</summary>
public sealed record Provider
{
    /// <summary>The id that policies, bills and results name. Compared without case.</summary>
    public required string Id { get; init; }

    /// <summary>Which protocol it speaks.</summary>
    public required ProviderKind Kind { get; init; }

    /// <summary>Where it is; null for the simulator.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>The environment variable that holds its key; null: no key is sent.</summary>
    public string? ApiKeyEnv { get; init; }

    /// <summary>Calls at once over the whole cluster. Default: 64.</summary>
    public int MaxConcurrency { get; init; } = 64;

    /// <summary>Calls a minute over the whole cluster; null: no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens a minute over the whole cluster; null: no limit.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Where it computes; empty: unknown.</summary>
    public ImmutableArray<string> ExecutionRegions { get; init; } = [];

    /// <summary>Where it keeps data; empty: unknown.</summary>
    public ImmutableArray<string> DataRegions { get; init; } = [];

    /// <summary>What it keeps of a call.</summary>
    public ZeroDataRetention ZeroDataRetention { get; init; }

    /// <summary>Whether it trains on what it is sent; null: unknown.</summary>
    public bool? TrainsOnData { get; init; }

    /// <summary>How the built-in simulator behaves; null for all others.</summary>
    public SimulatorSettings? Simulator { get; init; }
}

/// <summary>The protocols that an adapter exists for.</summary>
public enum ProviderKind
{
    /// <summary>Base URL plus the row's path without <c>/v1</c>, bearer key.</summary>
    OpenAi = 1,

    /// <summary><c>/v1/messages</c>, <c>x-api-key</c>.</summary>
    Anthropic = 2,

    /// <summary>Built in; answers without a network and says so in every answer.</summary>
    Simulator = 3,
}

/// <summary>Whether a provider keeps nothing of a call.</summary>
public enum ZeroDataRetention
{
    /// <summary>Unknown, or it keeps data.</summary>
    None = 0,

    /// <summary>It keeps nothing if that was agreed with it.</summary>
    Optional = 1,

    /// <summary>It keeps nothing.</summary>
    Default = 2,
}

/// <summary>Whether an offer takes part.</summary>
public enum OfferStatus
{
    /// <summary>It does.</summary>
    Active = 1,

    /// <summary>Only for clients that ask for offers on trial.</summary>
    Alpha = 2,

    /// <summary>It takes no further rows.</summary>
    Disabled = 3,
}

/// <summary>How an offer's rows reach the provider.</summary>
public enum BatchMode
{
    /// <summary>A call per row.</summary>
    Relay = 1,

    /// <summary>The provider has a batch API of its own. Until one is spoken here, the same as <see cref="Relay"/>.</summary>
    Native = 2,
}

/// <summary>How the simulator behaves.</summary>
public sealed record SimulatorSettings
{
    /// <summary>Mean time to an answer. Default: 50 ms.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Output tokens of an answer. Default: 24.</summary>
    public int OutputTokens { get; init; } = 24;

    /// <summary>The share of calls that fail with 500, 0–1. Default: 0.</summary>
    public double ErrorRate { get; init; }

    /// <summary>The share of calls that are refused with 429, 0–1. Default: 0.</summary>
    public double ThrottleRate { get; init; }
}

/// <summary>One provider's way to serve one model.</summary>
public sealed record Offer
{
    /// <summary>Who serves.</summary>
    public required Provider Provider { get; init; }

    /// <summary>The model as clients name it.</summary>
    public required string Model { get; init; }

    /// <summary>The model as the provider names it.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary>The contract's endpoints that it serves.</summary>
    public required ImmutableArray<string> Endpoints { get; init; }

    /// <summary>What it costs.</summary>
    public required PriceTable Prices { get; init; }

    /// <summary>How rows reach the provider.</summary>
    public BatchMode Batch { get; init; } = BatchMode.Relay;

    /// <summary>
    /// The price list that rows are billed at, and so capped and ranked by. Every row is relayed, those of native
    /// offers too.
    /// </summary>
    public static PricePlan Plan => PricePlan.Standard;

    /// <summary>Whether it takes part.</summary>
    public OfferStatus Status { get; init; } = OfferStatus.Active;

    /// <summary>The weights' format in the contract's spelling; <c>unknown</c> when it is.</summary>
    public string Quantization { get; init; } = "unknown";

    /// <summary>Whether its terms allow training other models on its text.</summary>
    public bool Distillable { get; init; }

    /// <summary>The body's parameters that it knows; null: unknown.</summary>
    public ImmutableArray<string>? SupportedParameters { get; init; }

    /// <summary>The most tokens one answer can have; null: unknown.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>The most tokens in and out together; null: unknown.</summary>
    public long? ContextLength { get; init; }
}

/// <summary>
/// Which offers a row may use, best first, and why the others may not. Drops stand in the order of the filters, so
/// that when nothing is ranked the last one says what decided.
/// </summary>
public sealed record RoutePlan(ImmutableArray<Offer> Ranked, ImmutableArray<RouteDrop> Dropped)
{
    /// <summary>No offer was considered.</summary>
    public static readonly RoutePlan None = new([], []);

    /// <summary>The filter that left nothing; null when something is ranked, or nothing was considered.</summary>
    public string? DecidingFilter => Ranked.IsEmpty && !Dropped.IsEmpty ? Dropped[^1].Reason : null;
}

/// <summary>Why an offer takes no part: the filter's name in the contract's spelling.</summary>
[GenerateSerializer, Immutable, Alias("route.drop")]
public readonly record struct RouteDrop([property: Id(0)] string Provider, [property: Id(1)] string Reason);

/// <summary>Turns a model and a policy into a ranked plan. Cached per silo for seconds: cheap enough per row.</summary>
public interface IRoutePlanner
{
    /// <summary>The plan for one model and endpoint under a policy. No offer left is a plan with none ranked.</summary>
    ValueTask<RoutePlan> PlanAsync(string model, string endpoint, ProviderPolicy policy, CancellationToken cancellation);

    /// <summary>
    /// The same at the prices of the list that a batch names (<see cref="PriceLists"/>): filters, ranking and bills go
    /// by them. Null: today's. A planner that knows no lists has today's only.
    /// </summary>
    ValueTask<RoutePlan> PlanAsync(
        string model, string endpoint, ProviderPolicy policy, string? prices, CancellationToken cancellation) =>
        PlanAsync(model, endpoint, policy, cancellation);

    /// <summary>
    /// What a client's model name stands for: the exact name, else the one model whose short name (the part after
    /// the first <c>/</c>) it is. Null with candidates empty: unknown; null with candidates: ambiguous.
    /// </summary>
    ModelName Resolve(string model);
}

/// <summary>How a model name was understood.</summary>
public readonly record struct ModelName(string? Model, ImmutableArray<string> Candidates);
