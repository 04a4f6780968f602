using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Claims;

/// <summary>
/// Who makes what a request asked for, under which id, and how far that has come. There is at most one claim per
/// key. Stored; holds neither the answer nor anything of the body but its hash.
/// </summary>
internal sealed record Claim
{
    /// <summary>The id of the batch or file, made before anything else is.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }

    /// <summary>SHA-256 of the body, lower-case hex.</summary>
    [JsonPropertyName("body")] public required string BodyHash { get; init; }

    /// <summary>The <c>X-Stainless-Retry-Count</c> of the request that made the claim; 0 without one.</summary>
    [JsonPropertyName("retries")] public required int RetryCount { get; init; }

    /// <summary>When the present holder took it.</summary>
    [JsonPropertyName("at")] public required DateTimeOffset At { get; init; }

    /// <summary>From then on it counts as not there.</summary>
    [JsonPropertyName("keep_until")] public required DateTimeOffset KeepUntil { get; init; }

    /// <summary>
    /// From 1; rises when the claim changes hands and when it is delivered. 1 therefore means that nobody but the
    /// first holder has ever worked under this id.
    /// </summary>
    [JsonPropertyName("revision")] public required int Revision { get; init; }

    /// <summary>Whether the answer was fully written to a client.</summary>
    [JsonPropertyName("delivered")] public bool Delivered { get; init; }

    /// <summary>What a holder shows to prove that it is still the one.</summary>
    [JsonIgnore] public ClaimHold Hold => new(Id, Revision);
}

/// <summary>The claim's stored form.</summary>
[JsonSerializable(typeof(Claim))]
internal sealed partial class ClaimJson : JsonSerializerContext;
