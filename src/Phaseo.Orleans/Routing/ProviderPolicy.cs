using System.Collections.Immutable;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// What a client asks of routing, as far as it is built; a member that is null was not set. A row's policy is laid
/// over its batch's key by key (<see cref="Over"/>). An empty list means not set.
/// </summary>
[GenerateSerializer, Immutable, Alias("provider.policy")]
public sealed record ProviderPolicy
{
    /// <summary>Nothing asked.</summary>
    public static readonly ProviderPolicy None = new();

    /// <summary>Soft preference: these first, in this order.</summary>
    [Id(0)] public ImmutableArray<string>? Order { get; init; }

    /// <summary>Hard allow list.</summary>
    [Id(1)] public ImmutableArray<string>? Only { get; init; }

    /// <summary>Hard deny list.</summary>
    [Id(2)] public ImmutableArray<string>? Ignore { get; init; }

    /// <summary>Caps on prices.</summary>
    [Id(3)] public MaxPrice? MaxPrice { get; init; }

    /// <summary>False: only the top-ranked offer is tried. Default: true.</summary>
    [Id(4)] public bool? AllowFallbacks { get; init; }

    /// <summary>This policy, with what it does not name taken from <paramref name="batch"/>.</summary>
    public ProviderPolicy Over(ProviderPolicy batch) => new()
    {
        Order = Order ?? batch.Order,
        Only = Only ?? batch.Only,
        Ignore = Ignore ?? batch.Ignore,
        MaxPrice = MaxPrice ?? batch.MaxPrice,
        AllowFallbacks = AllowFallbacks ?? batch.AllowFallbacks,
    };
}

/// <summary>Caps in USD: tokens per 1,000,000, the others each. Null: no cap.</summary>
[GenerateSerializer, Immutable, Alias("provider.max-price")]
public sealed record MaxPrice
{
    /// <summary>Per 1,000,000 input tokens.</summary>
    [Id(0)] public decimal? Prompt { get; init; }

    /// <summary>Per 1,000,000 output tokens, reasoning tokens too.</summary>
    [Id(1)] public decimal? Completion { get; init; }

    /// <summary>Per image.</summary>
    [Id(2)] public decimal? Image { get; init; }

    /// <summary>Per minute of audio.</summary>
    [Id(3)] public decimal? Audio { get; init; }

    /// <summary>Per row.</summary>
    [Id(4)] public decimal? Request { get; init; }
}
