using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Billing;

/// <summary>What is counted and priced. Stored in journals: a number is never reused.</summary>
public enum Meter : byte
{
    /// <summary>All tokens that went in, cached ones included.</summary>
    InputTokens = 1,

    /// <summary>The part of the input that a provider's cache served.</summary>
    CachedInputTokens = 2,

    /// <summary>The part of the input that was written to a provider's cache.</summary>
    CacheWriteInputTokens = 3,

    /// <summary>All tokens that came out, reasoning included.</summary>
    OutputTokens = 4,

    /// <summary>The part of the output that was reasoning.</summary>
    ReasoningTokens = 5,

    /// <summary>Images made.</summary>
    Images = 6,

    /// <summary>Minutes of audio, begun minutes count.</summary>
    AudioMinutes = 7,

    /// <summary>Rows: one each.</summary>
    Requests = 8,
}

/// <summary>One row's readings, or a sum of them. Parts (cached, reasoning) are included in their totals.</summary>
[GenerateSerializer, Immutable, Alias("meters")]
public readonly record struct Meters
{
    /// <summary><see cref="Meter.InputTokens"/>.</summary>
    [Id(0), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long InputTokens { get; init; }

    /// <summary><see cref="Meter.CachedInputTokens"/>.</summary>
    [Id(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long CachedInputTokens { get; init; }

    /// <summary><see cref="Meter.CacheWriteInputTokens"/>.</summary>
    [Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long CacheWriteInputTokens { get; init; }

    /// <summary><see cref="Meter.OutputTokens"/>.</summary>
    [Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long OutputTokens { get; init; }

    /// <summary><see cref="Meter.ReasoningTokens"/>.</summary>
    [Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long ReasoningTokens { get; init; }

    /// <summary><see cref="Meter.Images"/>.</summary>
    [Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long Images { get; init; }

    /// <summary><see cref="Meter.AudioMinutes"/>.</summary>
    [Id(6), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long AudioMinutes { get; init; }

    /// <summary><see cref="Meter.Requests"/>.</summary>
    [Id(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long Requests { get; init; }

    /// <summary>Adds meter by meter.</summary>
    public static Meters operator +(Meters left, Meters right) => new()
    {
        InputTokens = left.InputTokens + right.InputTokens,
        CachedInputTokens = left.CachedInputTokens + right.CachedInputTokens,
        CacheWriteInputTokens = left.CacheWriteInputTokens + right.CacheWriteInputTokens,
        OutputTokens = left.OutputTokens + right.OutputTokens,
        ReasoningTokens = left.ReasoningTokens + right.ReasoningTokens,
        Images = left.Images + right.Images,
        AudioMinutes = left.AudioMinutes + right.AudioMinutes,
        Requests = left.Requests + right.Requests,
    };

    /// <summary>One meter by its number.</summary>
    public long this[Meter meter] => meter switch
    {
        Meter.InputTokens => InputTokens,
        Meter.CachedInputTokens => CachedInputTokens,
        Meter.CacheWriteInputTokens => CacheWriteInputTokens,
        Meter.OutputTokens => OutputTokens,
        Meter.ReasoningTokens => ReasoningTokens,
        Meter.Images => Images,
        Meter.AudioMinutes => AudioMinutes,
        Meter.Requests => Requests,
    };

    /// <summary>The same readings with one meter set.</summary>
    public Meters With(Meter meter, long value) => meter switch
    {
        Meter.InputTokens => this with { InputTokens = value },
        Meter.CachedInputTokens => this with { CachedInputTokens = value },
        Meter.CacheWriteInputTokens => this with { CacheWriteInputTokens = value },
        Meter.OutputTokens => this with { OutputTokens = value },
        Meter.ReasoningTokens => this with { ReasoningTokens = value },
        Meter.Images => this with { Images = value },
        Meter.AudioMinutes => this with { AudioMinutes = value },
        Meter.Requests => this with { Requests = value },
    };
}
