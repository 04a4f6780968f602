using System.IO.Hashing;
using System.Text;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Which calls meet a fault. What is not set matches all; the first rule that matches a call counts.</summary>
public sealed record FakeRule
{
    /// <summary>The fault.</summary>
    public required FakeFault Fault { get; init; }

    /// <summary>Only this path.</summary>
    public string? Path { get; init; }

    /// <summary>Only bodies with this <c>user</c>.</summary>
    public string? Marker { get; init; }

    /// <summary>Only attempts up to this one.</summary>
    public int? LastAttempt { get; init; }

    /// <summary>Only the first so many calls that match all else.</summary>
    public int? Times { get; init; }

    /// <summary>
    /// Only this share of calls, 0–1. The choice depends on <see cref="Seed"/>, key and attempt alone, not on timing.
    /// </summary>
    public double Share { get; init; } = 1;

    /// <summary>See <see cref="Share"/>.</summary>
    public int Seed { get; init; }

    /// <summary>Any other condition.</summary>
    [JsonIgnore]
    public Func<FakeCall, bool>? When { get; init; }

    /// <summary>Whether the rule speaks of the call, <see cref="Times"/> aside.</summary>
    public bool Matches(FakeCall call) =>
        (Path is null || Path == call.Path)
        && (Marker is null || Marker == call.Marker)
        && (LastAttempt is not { } last || call.Attempt <= last)
        && (Share >= 1 || Draw(call) < Share)
        && (When is null || When(call));

    private double Draw(FakeCall call) =>
        XxHash32.HashToUInt32(Encoding.UTF8.GetBytes($"{Seed}:{call.Key}:{call.Attempt}")) / 4_294_967_296.0;
}
