using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>The endpoints that a batch may name, and which meters a row of each one moves (contract.md "Create").</summary>
public static class Endpoints
{
    /// <summary>Chat completions.</summary>
    public const string ChatCompletions = "/v1/chat/completions";

    /// <summary>Responses.</summary>
    public const string Responses = "/v1/responses";

    /// <summary>Embeddings.</summary>
    public const string Embeddings = "/v1/embeddings";

    /// <summary>Legacy completions.</summary>
    public const string Completions = "/v1/completions";

    /// <summary>Moderations.</summary>
    public const string Moderations = "/v1/moderations";

    /// <summary>Anthropic's messages.</summary>
    public const string Messages = "/v1/messages";

    /// <summary>Image generations.</summary>
    public const string Images = "/v1/images/generations";

    /// <summary>All of them, in the contract's order.</summary>
    public static readonly ImmutableArray<string> All =
        [ChatCompletions, Responses, Embeddings, Completions, Moderations, Messages, Images];

    /// <summary>
    /// Whether every row of the endpoint moves the meter, so that a cap on it means nothing without a price. Parts
    /// (cached, cache write, reasoning) never do: without a price of their own they cost what their total costs.
    /// </summary>
    internal static bool Uses(string endpoint, Meter meter) => meter switch
    {
        Meter.InputTokens => endpoint != Images,
        Meter.OutputTokens => endpoint is ChatCompletions or Responses or Completions or Messages,
        Meter.Images => endpoint == Images,
        Meter.Requests => true,
        Meter.AudioMinutes => false,
        Meter.CachedInputTokens or Meter.CacheWriteInputTokens or Meter.ReasoningTokens => false,
    };
}
