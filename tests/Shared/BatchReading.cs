using System.Text.Json;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Testing;

/// <summary>What one read of a batch showed, whether by grain or by HTTP.</summary>
public sealed record BatchReading
{
    /// <summary>The contract's word.</summary>
    public required string Status { get; init; }

    /// <summary>Rows.</summary>
    public int Total { get; init; }

    /// <summary>Rows answered 2xx.</summary>
    public int Completed { get; init; }

    /// <summary>Rows that ended otherwise.</summary>
    public int Failed { get; init; }

    /// <summary>The output file, or null.</summary>
    public string? OutputFileId { get; init; }

    /// <summary>The error file, or null.</summary>
    public string? ErrorFileId { get; init; }

    /// <summary>Sum over rows.</summary>
    public long InputTokens { get; init; }

    /// <summary>Sum over rows.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Sum over rows in nano-dollars; null when the read did not say.</summary>
    public long? CostNanos { get; init; }

    /// <summary>Whether nothing may change any more.</summary>
    public bool IsTerminal => Status is "completed" or "failed" or "expired" or "cancelled";

    /// <summary>Of a grain's answer.</summary>
    public static BatchReading From(BatchView view) => new()
    {
        Status = view.Status.ToWire(),
        Total = view.Total,
        Completed = view.Completed,
        Failed = view.Failed,
        OutputFileId = view.OutputFileId,
        ErrorFileId = view.ErrorFileId,
        InputTokens = view.Usage.InputTokens,
        OutputTokens = view.Usage.OutputTokens,
        CostNanos = view.CostNanos,
    };

    /// <summary>Of the contract's batch object.</summary>
    public static BatchReading From(JsonElement batch)
    {
        var counts = batch.GetProperty("request_counts");
        var usage = batch.GetProperty("usage");
        return new()
        {
            Status = batch.GetProperty("status").GetString()!,
            Total = counts.GetProperty("total").GetInt32(),
            Completed = counts.GetProperty("completed").GetInt32(),
            Failed = counts.GetProperty("failed").GetInt32(),
            OutputFileId = batch.GetProperty("output_file_id").GetString(),
            ErrorFileId = batch.GetProperty("error_file_id").GetString(),
            InputTokens = usage.GetProperty("input_tokens").GetInt64(),
            OutputTokens = usage.GetProperty("output_tokens").GetInt64(),
            CostNanos = batch.TryGetProperty("billing", out var billing) && billing.ValueKind == JsonValueKind.Object
                ? billing.GetProperty("cost_nanos").GetInt64()
                : null,
        };
    }
}
