using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>
/// A batch as far as the command line looks into it. It is a reader's view: a field that a server does not send is
/// null, one that it sends besides is kept in <see cref="Raw"/> and printed by <c>--json</c>.
/// </summary>
internal sealed record BatchInfo
{
    /// <summary><c>batch_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The contract's word.</summary>
    public required string Status { get; init; }

    /// <summary>The endpoint of all rows.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The one model of all rows, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Who served most rows, or null.</summary>
    public string? Provider { get; init; }

    /// <summary>Why validation failed, or null.</summary>
    public FaultList? Errors { get; init; }

    /// <summary>Rows answered 2xx, or null.</summary>
    public string? OutputFileId { get; init; }

    /// <summary>All other rows, or null.</summary>
    public string? ErrorFileId { get; init; }

    /// <summary>Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Unix seconds.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>Rows.</summary>
    public RowCounts RequestCounts { get; init; } = new(0, 0, 0);

    /// <summary>Tokens, or null.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The bill, or null.</summary>
    public Bill? Billing { get; init; }

    /// <summary>The object as the server sent it.</summary>
    [JsonIgnore]
    public JsonElement Raw { get; init; }

    /// <summary>Whether nothing will change any more.</summary>
    [JsonIgnore]
    public bool IsTerminal => Status is "completed" or "failed" or "expired" or "cancelled";
}

/// <summary>Rows of a batch.</summary>
internal sealed record RowCounts(int Total, int Completed, int Failed)
{
    /// <summary>Rows that have ended.</summary>
    [JsonIgnore]
    public int Done => Completed + Failed;
}

/// <summary>Tokens of a batch.</summary>
internal sealed record TokenUsage(long InputTokens, long OutputTokens, long TotalTokens);

/// <summary>The bill as far as it is shown.</summary>
internal sealed record Bill(long? CostNanos);

/// <summary>Faults of an input file.</summary>
internal sealed record FaultList(IReadOnlyList<Fault> Data);

/// <summary>One fault; <paramref name="Line"/> counts from 1, null is the whole file.</summary>
internal sealed record Fault(string Code, string Message, string? Param, int? Line);

/// <summary>A file as far as it is looked into.</summary>
internal sealed record FileInfoReply(string Id, long Bytes);

/// <summary>What a new batch is asked for.</summary>
internal sealed record NewBatch
{
    /// <summary>The uploaded input.</summary>
    public required string InputFileId { get; init; }

    /// <summary>The endpoint of all rows.</summary>
    public required string Endpoint { get; init; }

    /// <summary><c>24h</c>, <c>30m</c>, <c>7d</c>.</summary>
    public required string CompletionWindow { get; init; }

    /// <summary>The caller's pairs; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The session; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SessionId { get; init; }
}

/// <summary>A page of batches.</summary>
internal sealed record BatchPage(IReadOnlyList<BatchInfo> Data, bool HasMore, JsonElement Raw);

/// <summary>What a list asks for; null members are not sent.</summary>
internal sealed record BatchFilter(
    int? Limit = null, string? After = null, IReadOnlyList<string>? Statuses = null, string? SessionId = null,
    IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>OpenAI's error body.</summary>
internal sealed record ErrorBody(ErrorDetail? Error);

/// <summary>What went wrong.</summary>
internal sealed record ErrorDetail(string? Message, string? Type, string? Param, string? Code);

/// <summary>The types that cross the wire, under the contract's names.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BatchInfo))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(FileInfoReply))]
[JsonSerializable(typeof(NewBatch))]
internal sealed partial class ClientJson : JsonSerializerContext;
