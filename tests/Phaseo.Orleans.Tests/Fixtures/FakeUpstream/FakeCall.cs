namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>One call as a <see cref="FakeUpstream"/> saw it.</summary>
public sealed record FakeCall
{
    /// <summary>Counts calls in the order in which their bodies had arrived, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The path, <c>/v1/…</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The <c>Idempotency-Key</c>: the row's id. Empty when none was sent.</summary>
    public required string Key { get; init; }

    /// <summary><c>x-phaseo-attempt</c>; 0 when none was sent.</summary>
    public required int Attempt { get; init; }

    /// <summary>SHA-256 of the body, lower-case hex.</summary>
    public required string BodyHash { get; init; }

    /// <summary>The body's <c>user</c>, which tests use to name their rows; null when it has none.</summary>
    public string? Marker { get; init; }

    /// <summary>When the body had arrived.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the answer had been written or given up; null while it is not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What was done to it.</summary>
    public FakeFaultKind Fault { get; init; }

    /// <summary>The request's headers, by name without case. Not in the log file: a key may be among them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The HTTP version that the two sides agreed on.</summary>
    public string Protocol { get; init; } = "";
}
