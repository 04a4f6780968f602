using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>The index row of a batch, and the way back. The row's JSON is a stored shape: a golden file holds it.</summary>
internal static class BatchSnapshot
{
    /// <summary>The row that this view is worth.</summary>
    public static BatchIndexRow ToRow(BatchView batch)
    {
        var version = batch.Version;
        Mutant.Change("index-unversioned", ref version, Stopwatch.GetTimestamp());
        return new(
            batch.Workspace,
            batch.Id,
            version,
            batch.Status.IsTerminal(),
            batch.Status.ToWire(),
            batch.Request.SessionId,
            batch.Request.Metadata is { } pairs
                ? pairs.ToFrozenDictionary(StringComparer.Ordinal)
                : FrozenDictionary<string, string>.Empty,
            JsonSerializer.SerializeToUtf8Bytes(batch, BatchSnapshotJson.Default.BatchView));
    }

    /// <summary>The view that the row was made from.</summary>
    public static BatchView FromRow(BatchIndexRow row) =>
        JsonSerializer.Deserialize(row.Snapshot.Span, BatchSnapshotJson.Default.BatchView)
        ?? throw new JsonException($"The index row of {row.BatchId} is empty.");
}

/// <summary>The stored form of a batch's view. Absent means null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(PlainTextConverter)])]
[JsonSerializable(typeof(BatchView))]
internal sealed partial class BatchSnapshotJson : JsonSerializerContext;
