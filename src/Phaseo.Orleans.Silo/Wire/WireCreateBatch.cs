namespace Phaseo.Orleans.Silo.Wire;

/// <summary>
/// The body of a create as the API's description shows it. It is read by hand, so that every fault can be named.
/// </summary>
internal sealed record WireCreateBatch
{
    /// <summary>An uploaded file of purpose <c>batch</c>.</summary>
    public required string InputFileId { get; init; }

    /// <summary>The endpoint of all rows.</summary>
    public required string Endpoint { get; init; }

    /// <summary><c>24h</c> by default; a number of <c>m</c>, <c>h</c> or <c>d</c> from 1 minute to 30 days.</summary>
    public string? CompletionWindow { get; init; }

    /// <summary>At most 16 pairs.</summary>
    public Dictionary<string, string>? Metadata { get; init; }

    /// <summary>Groups the batch with related requests.</summary>
    public string? SessionId { get; init; }

    /// <summary>How long the output files live.</summary>
    public WireExpiry? OutputExpiresAfter { get; init; }

    /// <summary>Which providers may serve, and in what order.</summary>
    public WireProviderPolicy? Provider { get; init; }
}

/// <summary>A time to live.</summary>
internal sealed record WireExpiry(string Anchor, long Seconds);

/// <summary>Routing, as far as it is served.</summary>
internal sealed record WireProviderPolicy
{
    /// <summary>These first, in this order.</summary>
    public string[]? Order { get; init; }

    /// <summary>Only these.</summary>
    public string[]? Only { get; init; }

    /// <summary>Not these.</summary>
    public string[]? Ignore { get; init; }

    /// <summary>Caps in USD.</summary>
    public WireMaxPrice? MaxPrice { get; init; }

    /// <summary>False: only the best offer is tried.</summary>
    public bool? AllowFallbacks { get; init; }
}

/// <summary>Caps in USD: tokens per 1,000,000, the others each. Numbers or numeric strings.</summary>
internal sealed record WireMaxPrice
{
    /// <summary>Per 1,000,000 input tokens.</summary>
    public decimal? Prompt { get; init; }

    /// <summary>Per 1,000,000 output tokens.</summary>
    public decimal? Completion { get; init; }

    /// <summary>Per image.</summary>
    public decimal? Image { get; init; }

    /// <summary>Per minute of audio.</summary>
    public decimal? Audio { get; init; }

    /// <summary>Per row.</summary>
    public decimal? Request { get; init; }
}
