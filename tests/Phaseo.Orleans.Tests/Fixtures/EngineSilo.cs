using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>One silo with the whole engine on embedded storage, and a workspace to use it from.</summary>
public sealed partial class EngineSilo : IAsyncDisposable
{
    public const string Workspace = "ws";

    private readonly TempFolder _folder = new();
    private readonly InProcessTestCluster _cluster;

    private EngineSilo(TempFolder folder, InProcessTestCluster cluster) => (_folder, _cluster) = (folder, cluster);

    public IServiceProvider Services => _cluster.Silos[0].ServiceProvider;

    public IBlobStore Blobs => Services.GetRequiredService<IBlobStore>();

    /// <summary>Starts one, by itself or, with <paramref name="stores"/>, as one of several that know nothing of each other.</summary>
    internal static async Task<EngineSilo> StartAsync(
        string catalog, Action<ISiloBuilder>? customise = null, SharedStores? stores = null)
    {
        var folder = new TempFolder();
        var catalogFile = Path.Combine(folder.Path, "catalog.json");
        await File.WriteAllTextAsync(catalogFile, catalog);
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "engine";
        builder.ConfigureSilo((_, silo) =>
        {
            if (stores is null)
            {
                silo.UseEmbeddedStorage(Path.Combine(folder.Path, "data"));
            }

            stores?.Use(silo);
            silo.AddPhaseo();
            silo.Services.Configure<CatalogOptions>(options => options.Path = catalogFile);
            customise?.Invoke(silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(folder, cluster);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Whether one of the batch's shards has an activation here, under whatever epoch or the one given.</summary>
    internal async Task<bool> IsActiveAsync(string id, int shard, long? epoch = null)
    {
        var active = await _cluster.Client.GetGrain<IManagementGrain>(0).GetActiveGrains(GrainType.Create("shard"));
        return active.Any(grain => grain.Key.ToString()!.StartsWith(FormattableString.Invariant($"{id}:{shard}:{epoch}"), StringComparison.Ordinal));
    }

    /// <summary>One of the batch's shards under an epoch, as whoever knows the key may call it.</summary>
    internal IShardGrain Shard(string id, int shard, long epoch) => _cluster.Client.GetGrain<IShardGrain>(ShardKeys.Of(id, shard, epoch));

    public IBatchGrain Batch(string id) => _cluster.Client.GetGrain<IBatchGrain>(id);

    /// <summary>Stores an input and submits a batch of it, by the engine's own steps.</summary>
    public async Task<string> SubmitAsync(string input, TimeSpan? window = null)
    {
        var time = Services.GetRequiredService<TimeProvider>();
        var id = Ids.NewBatch(time.GetUtcNow());
        var file = Ids.NewFile(time.GetUtcNow());
        var blob = BlobNames.Upload(Workspace, file);
        await KeepAsync(id, file, blob, Encoding.UTF8.GetBytes(input), time.GetUtcNow());
        var submission = new BatchSubmission
        {
            Workspace = Workspace,
            InputBlob = blob,
            RequestId = "req_test",
            CreatedAt = time.GetUtcNow(),
            Request = new()
            {
                InputFileId = file,
                Endpoint = "/v1/chat/completions",
                CompletionWindow = "24h",
                Window = window ?? TimeSpan.FromHours(24),
            },
        };
        await Services.GetRequiredService<IOpenBatches>().AddAsync(
            new(Workspace, id, file, time.GetUtcNow(), time.GetUtcNow() + submission.Request.Window, time.GetUtcNow()), CancellationToken.None);
        await Batch(id).SubmitAsync(submission);
        return id;
    }

    // Without record and reference the sweep would take the input away from a batch that lives long.
    private async Task KeepAsync(string id, string file, string blob, byte[] input, DateTimeOffset now)
    {
        await Blobs.PutAsync(blob, input, CancellationToken.None);
        await Services.GetRequiredService<IFileRecords>().CreateAsync(
            new(Workspace, file, blob, input.Length, input.Count(one => one == '\n'), now, now.AddDays(30), "input.jsonl", "batch", Hidden: false), CancellationToken.None);
        await Services.GetRequiredService<IFileReferences>().AddAsync(new(Workspace, file, id, now), CancellationToken.None);
    }

    /// <summary>Waits until the batch shows what is asked for.</summary>
    public async Task<BatchView> UntilAsync(string id, Func<BatchView, bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await Batch(id).GetAsync() ?? throw new InvalidOperationException($"{id} is gone.");
            if (condition(view))
            {
                return view;
            }

            if (TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"{id} is still {view.Status} with {view.Completed} + {view.Failed} of {view.Total}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public Task<BatchView> UntilTerminalAsync(string id) => UntilAsync(id, view => view.Status.IsTerminal());

    /// <summary>The lines of one of the batch's files; none if there is no such file.</summary>
    public async Task<string[]> LinesAsync(string blob)
    {
        var stream = await Blobs.OpenReadAsync(blob, 0, null, CancellationToken.None);
        if (stream is null)
        {
            return [];
        }

        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Rows of chat requests with ids <c>row-0</c> and so on.</summary>
    public static string Rows(int count, string model = "sim/echo-small") => string.Concat(Enumerable.Range(0, count).Select(row =>
        string.Create(CultureInfo.InvariantCulture, $$$"""{"custom_id":"row-{{{row}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{model}}}","messages":[{"role":"user","content":"{{{row}}}"}]}}""") + "\n"));

    /// <summary>A catalog of one simulator that answers at once.</summary>
    public const string SimulatorCatalog = """
        {"providers":[{"id":"simulator","kind":"simulator","max_concurrency":64,"simulator":{"latency_ms":0,"output_tokens":5}}],
         "offers":[{"provider":"simulator","model":"sim/echo-small","upstream_model":"echo-small","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[
             {"meter":"input_tokens","unit_size":1000000,"price_usd":"1","plan":"standard"},
             {"meter":"output_tokens","unit_size":1000000,"price_usd":"2","plan":"standard"}]}]}
        """;
}
