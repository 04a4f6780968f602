using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>What a <see cref="FakeUpstream"/> does to a call.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FakeFaultKind>))]
public enum FakeFaultKind
{
    /// <summary>Answers it well (after <see cref="FakeFault.Delay"/>).</summary>
    None = 0,

    /// <summary>Answers with <see cref="FakeFault.Status"/> and <see cref="FakeFault.Body"/>.</summary>
    Status = 1,

    /// <summary>Never answers.</summary>
    Hang = 2,

    /// <summary>Sends the head and half of the body, then nothing more.</summary>
    HangInBody = 3,

    /// <summary>Sends the answer byte by byte, <see cref="FakeFault.Delay"/> before each.</summary>
    Drip = 4,

    /// <summary>Says how long the body is, sends half of it and closes the connection.</summary>
    Truncate = 5,

    /// <summary>Sends half of the body as if it were the whole.</summary>
    HalfBody = 6,

    /// <summary>Sends a body of <see cref="FakeFault.Bytes"/> without saying how long it is.</summary>
    Huge = 7,

    /// <summary>Says that the body has <see cref="FakeFault.Bytes"/>.</summary>
    HugeLength = 8,

    /// <summary>Sends a header of <see cref="FakeFault.Bytes"/>.</summary>
    HugeHeaders = 9,

    /// <summary>Sends <see cref="FakeFault.Bytes"/> of spaces as gzip: about a thousandth of that.</summary>
    GzipBomb = 10,

    /// <summary>Closes the connection without an answer.</summary>
    Reset = 11,
}

/// <summary>A fault and its particulars.</summary>
public sealed record FakeFault
{
    /// <summary>What is done.</summary>
    public FakeFaultKind Kind { get; init; }

    /// <summary>The answer's status. Default: 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The answer's <c>Retry-After</c>; null: none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The answer's body; null: an error in OpenAI's form.</summary>
    public string? Body { get; init; }

    /// <summary>The body's type. Default: JSON.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>More headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The wait before the answer, or before each of its bytes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>A size in bytes. Default: 0.</summary>
    public int Bytes { get; init; }

    /// <summary>An answer of any status.</summary>
    public static FakeFault Answer(int status, string? body = null, string? retryAfter = null) =>
        new() { Kind = FakeFaultKind.Status, Status = status, Body = body, RetryAfter = retryAfter };

    /// <summary>A good answer that takes its time.</summary>
    public static FakeFault Late(TimeSpan delay) => new() { Delay = delay };

    /// <summary>Any kind that needs no particulars.</summary>
    public static FakeFault Of(FakeFaultKind kind, int bytes = 0) => new() { Kind = kind, Bytes = bytes };
}
