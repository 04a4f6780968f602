using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>The batch of a schedule: validated, nothing of it chosen yet; and how its grains are made.</summary>
internal sealed class SimScenario
{
    public const string Workspace = "ws";
    public const string Batch = "batch_01jdfxk3w80000000000000000";
    public const string File = "file-1";

    private static readonly BatchOptions Settings = new()
    {
        MaxConcurrentCalls = 16,
        CancelGrace = TimeSpan.FromSeconds(5),
        FirstRetryDelay = TimeSpan.FromSeconds(1),
    };

    private readonly SimWorld _world;
    private readonly PhaseoMetrics _metrics;

    private SimScenario(SimWorld world, PhaseoMetrics metrics, int[] shards, TimeSpan window)
    {
        (_world, _metrics, Rows) = (world, metrics, shards.Sum());
        Upstream = new(world, Stored, Rows);
        Orleans = new(world, Stored, Create);
        ExpiresAt = world.Now + window;
        Store(shards, window);
    }

    /// <summary>Rows of the batch.</summary>
    public int Rows { get; }

    /// <summary>When its window ends.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>What is stored.</summary>
    public SimStored Stored { get; } = new();

    /// <summary>The provider.</summary>
    public SimUpstream Upstream { get; }

    /// <summary>The grains' surroundings.</summary>
    public SimOrleans Orleans { get; }

    /// <summary>Makes one whose size and window the world's seed chooses.</summary>
    public static SimScenario Make(SimWorld world, PhaseoMetrics metrics)
    {
        int[] shards = [.. Enumerable.Range(0, world.Random.Next(1, 4)).Select(_ => world.Random.Next(1, 5))];
        var window = world.Random.Next(2) == 0 ? TimeSpan.FromHours(24) : TimeSpan.FromSeconds(world.Random.Next(20, 120));
        return new(world, metrics, shards, window);
    }

    /// <summary>The batch as a client has it.</summary>
    public IBatchGrain Client() => Orleans.Get<IBatchGrain>(GrainId.Create("batch", Batch));

    private void Store(int[] shards, TimeSpan window)
    {
        var input = new StringBuilder();
        List<ShardSlice> slices = [];
        var row = 0;
        foreach (var rows in shards)
        {
            var (offset, first) = (input.Length, row);
            for (var end = row + rows; row < end; row++)
            {
                input.Append(CultureInfo.InvariantCulture, $$$"""{"custom_id":"row-{{{row}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"{{{row}}}"}]}}""").Append('\n');
            }

            slices.Add(new(offset, input.Length - offset, first, rows, first + 1));
        }

        var blob = BlobNames.Upload(Workspace, File);
        Stored.Blobs[blob] = Encoding.UTF8.GetBytes(input.ToString());
        ImmutableArray<ShardSlice> plan = [.. slices];
        var planFile = BlobNames.Work(Workspace, Batch, "plan");
        Stored.Blobs[planFile] = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(plan, BatchFilesJson.Default.ImmutableArrayShardSlice);
        var submission = new BatchSubmission
        {
            Workspace = Workspace,
            InputBlob = blob,
            RequestId = "req_1",
            CreatedAt = _world.Now,
            Request = new() { InputFileId = File, Endpoint = "/v1/chat/completions", CompletionWindow = "24h", Window = window },
        };
        var state = BatchTransitions.Apply(new(), new BatchEvent.Submitted(Batch, submission));
        state = BatchTransitions.Apply(state, new BatchEvent.Validated(Rows, "m", shards.Length, planFile, null, _world.Now));
        Stored.Row = (state with { Version = 1, Operation = "first" }, 0);
        Stored.Open.Add(Batch);
        Stored.References.Add(Batch);
        Stored.Reminders.Add(GrainId.Create("batch", Batch).ToString());
    }

    private Grain Create(SimOrleans orleans, SimActivation activation)
    {
        var stores = new SimStores(_world, activation.Silo, Stored);
        var factory = activation.Factory();
        if (activation.Id.Type.ToString() == "shard")
        {
            return new ShardGrain(Shard(stores, activation), factory);
        }

        var row = stores.Row();
        activation.ReadAsync = row.ReadStateAsync;
        var closer = new ShardCloser(stores, stores, _world.Clock);
        var services = new BatchServices(
            stores,
            stores,
            stores,
            stores,
            null!, // The batch is validated.
            new BatchFinisher(stores, stores, closer, _world.Clock),
            new BatchOutbox(stores, stores, stores, stores),
            closer,
            Options.Create(Settings),
            Roles(),
            _metrics,
            new ActiveBatches(_world.Clock),
            _world.Clock);
        return new BatchGrain(row, services, NullLogger<BatchGrain>.Instance);
    }

    private ShardServices Shard(SimStores stores, SimActivation activation) => new(
        stores,
        stores,
        SimUpstream.Planner,
        new SimUpstream.Limiter(),
        Upstream.For(activation, Orleans),
        Options.Create(Settings),
        Roles(),
        new SiloDrain(Options.Create(new DrainOptions()), _world.Clock, NullLogger<SiloDrain>.Instance),
        _metrics,
        _world.Clock,
        NullLogger<ShardGrain>.Instance)
    {
        Threads = activation.Strands,
    };

    // Nobody knows of any silo, so that each counts as one that may call providers.
    private static SiloRoles Roles() => new(
        new LocalRole(SiloRole.All),
        SimStub.Of<ILocalSiloDetails>((_, _) => null),
        SimStub.Of<IClusterMembershipService>((_, _) =>
            new ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(1))),
        SimStub.Of<ISiloMetadataCache>((_, _) => SiloMetadata.Empty));
}
