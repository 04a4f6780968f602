using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// What is too large for a batch's state: JSON files named by the hash of their content, written before the state
/// that names them. Writing one again gives the same name and does no harm.
/// </summary>
internal sealed class BatchWorkFiles(IBlobStore blobs)
{
    /// <summary>Stores the shard index.</summary>
    public Task<string> WritePlanAsync(string workspace, string batch, ImmutableArray<ShardSlice> shards, CancellationToken cancellation) =>
        WriteAsync(hash => BlobNames.Work(workspace, batch, hash), shards, BatchFilesJson.Default.ImmutableArrayShardSlice, cancellation);

    /// <summary>The shard index.</summary>
    public Task<ImmutableArray<ShardSlice>> ReadPlanAsync(string name, CancellationToken cancellation) =>
        ReadAsync(name, BatchFilesJson.Default.ImmutableArrayShardSlice, cancellation);

    /// <summary>Stores validation's faults; kept as long as the batch.</summary>
    public Task<string> WriteFaultsAsync(string workspace, string batch, ImmutableArray<LineFault> faults, CancellationToken cancellation) =>
        WriteAsync(hash => BlobNames.Kept(workspace, batch, hash), faults, BatchFilesJson.Default.ImmutableArrayLineFault, cancellation);

    /// <summary>Validation's faults.</summary>
    public Task<ImmutableArray<LineFault>> ReadFaultsAsync(string name, CancellationToken cancellation) =>
        ReadAsync(name, BatchFilesJson.Default.ImmutableArrayLineFault, cancellation);

    /// <summary>Stores the parts of one shard that are too many for the state.</summary>
    public Task<string> WritePartsAsync(string workspace, string batch, ShardParts parts, CancellationToken cancellation) =>
        WriteAsync(hash => BlobNames.Work(workspace, batch, hash), parts, BatchFilesJson.Default.ShardParts, cancellation);

    /// <summary>The parts of one shard.</summary>
    public Task<ShardParts> ReadPartsAsync(string name, CancellationToken cancellation) =>
        ReadAsync(name, BatchFilesJson.Default.ShardParts, cancellation);

    /// <summary>Stores ends of shards.</summary>
    public Task<string> WriteEndsAsync(string workspace, string batch, ImmutableArray<EndedShard> ends, CancellationToken cancellation) =>
        WriteAsync(hash => BlobNames.Work(workspace, batch, hash), ends, BatchFilesJson.Default.ImmutableArrayEndedShard, cancellation);

    /// <summary>Ends of shards.</summary>
    public Task<ImmutableArray<EndedShard>> ReadEndsAsync(string name, CancellationToken cancellation) =>
        ReadAsync(name, BatchFilesJson.Default.ImmutableArrayEndedShard, cancellation);

    /// <summary>Stores parked shards.</summary>
    public Task<string> WriteParkedAsync(string workspace, string batch, ImmutableArray<ParkedShard> parked, CancellationToken cancellation) =>
        WriteAsync(hash => BlobNames.Work(workspace, batch, hash), parked, BatchFilesJson.Default.ImmutableArrayParkedShard, cancellation);

    /// <summary>Parked shards.</summary>
    public Task<ImmutableArray<ParkedShard>> ReadParkedAsync(string name, CancellationToken cancellation) =>
        ReadAsync(name, BatchFilesJson.Default.ImmutableArrayParkedShard, cancellation);

    private async Task<string> WriteAsync<T>(Func<string, string> name, T content, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, type);
        var path = name(Convert.ToHexStringLower(XxHash128.Hash(bytes)));
        await blobs.PutAsync(path, bytes, cancellation);
        return path;
    }

    private async Task<T> ReadAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var stream = await blobs.OpenReadAsync(name, 0, null, cancellation)
            ?? throw new InvalidDataException($"The file {name} that a batch's state names is gone.");
        await using (stream)
        {
            return (await JsonSerializer.DeserializeAsync(stream, type, cancellation))!;
        }
    }
}

/// <summary>The stored form of a batch's working files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ImmutableArray<ShardSlice>))]
[JsonSerializable(typeof(ImmutableArray<LineFault>))]
[JsonSerializable(typeof(ImmutableArray<EndedShard>))]
[JsonSerializable(typeof(ImmutableArray<ParkedShard>))]
[JsonSerializable(typeof(ShardParts))]
internal sealed partial class BatchFilesJson : JsonSerializerContext;
