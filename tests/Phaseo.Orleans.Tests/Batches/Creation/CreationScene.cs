using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Claims;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Creation;

/// <summary>
/// One workspace with a file in it, and all that makes a batch of it: real claims, batches that are stubs, stores in
/// memory whose writes can be stopped.
/// </summary>
internal sealed class CreationScene
{
    /// <summary>The writes of a create after its claim, in order.</summary>
    public static readonly string[] Steps = ["reference", "open", "reminder", "state", "index"];

    private readonly IGrainFactory _grains;

    public CreationScene(ClaimCluster cluster)
    {
        Clock = cluster.Clock;
        Batches = new BatchStubs(Stores);
        cluster.Keep(Workspace, Stores);
        _grains = GrainFactoryProxy.Create(Batches, cluster.Grains);
        FileId = AddFile();
    }

    public string Workspace { get; } = "ws-" + Guid.NewGuid().ToString("N");

    public FakeTimeProvider Clock { get; }

    public MemoryStores Stores { get; } = new();

    public BatchStubs Batches { get; }

    public string FileId { get; }

    public Measured Measured { get; } = new();

    /// <summary>The cluster's silos: this one, unless the test wants others.</summary>
    public FakeMembers Members { get; } = new(active: 1);

    public HashRange Range => new(Members, Members);

    public BatchCreator Creator =>
        new(_grains, Stores, Stores, Stores, Clock, NullLogger<BatchCreator>.Instance);

    public OpenBatchPass OpenBatches => new(
        _grains, Stores, new Leftovers(Stores, Stores), Range, Clock, Options.Create(new DriverOptions()),
        Measured.Metrics, NullLogger<OpenBatchPass>.Instance);

    public ReferencePass References => new(
        _grains, Stores, Stores, Clock, Options.Create(new DriverOptions()), Measured.Metrics,
        NullLogger<ReferencePass>.Instance);

    public IndexPass Index => new(_grains, Stores, Stores, Clock, Measured.Metrics, NullLogger<IndexPass>.Instance);

    /// <summary>The id in the workspace's only claim.</summary>
    public string ClaimedId =>
        JsonDocument.Parse(Assert.Single(Stores.Claims.Values).Content).RootElement.GetProperty("id").GetString()!;

    public string AddFile(Func<FileRecord, FileRecord>? change = null)
    {
        var now = Clock.GetUtcNow();
        var id = Ids.NewFile(now);
        var file = new FileRecord(
            Workspace, id, BlobNames.Upload(Workspace, id), 100, 1, now, now.AddDays(30), "in.jsonl", "batch", Hidden: false);
        file = change?.Invoke(file) ?? file;
        Stores.Files[(file.Workspace, file.Id)] = file;
        return id;
    }

    public CreateBatch Request(string? key = "key-1", string bodyHash = "body-1", int retryCount = 0) => new()
    {
        Workspace = Workspace,
        ApiKeyId = "api-key-1",
        Request = new()
        {
            InputFileId = FileId,
            Endpoint = "/v1/chat/completions",
            CompletionWindow = "24h",
            Window = TimeSpan.FromHours(24),
        },
        BodyHash = bodyHash,
        IdempotencyKey = key,
        RetryCount = retryCount,
        RequestId = Ids.NewRequest(Clock.GetUtcNow()),
    };

    public Task<BatchCreation> CreateAsync(CreateBatch? request = null) =>
        Creator.CreateAsync(request ?? Request(), TestContext.Current.CancellationToken);

    /// <summary>Creates a batch and expects to succeed.</summary>
    public async Task<BatchView> CreatedAsync(CreateBatch? request = null) =>
        Assert.IsType<BatchCreation.Created>(await CreateAsync(request)).Batch;

    /// <summary>The process dies before this write: from now on nothing is written.</summary>
    public void DieBefore(string step)
    {
        var dead = false;
        Stores.OnWrite = (name, write) =>
        {
            dead |= name == step;
            return dead ? throw new StorageUnavailableException("The process is dead.") : Done(write);
        };
    }

    /// <summary>This write fails once; whether it was carried out all the same is the test's choice.</summary>
    public void FailOnce(string step, bool isCarriedOut)
    {
        var hasFailed = false;
        Stores.OnWrite = (name, write) =>
        {
            if (name != step || hasFailed)
            {
                return Done(write);
            }

            hasFailed = true;
            if (isCarriedOut)
            {
                write();
            }

            throw new StorageUnavailableException("Nobody knows.");
        };
    }

    /// <summary>Whoever comes to this write first stops there until told to go on.</summary>
    public Pause PauseBefore(string step)
    {
        var pause = new Pause();
        var before = Stores.OnWrite;
        var hasStopped = 0;
        Stores.OnWrite = async (name, write) =>
        {
            if (name == step && Interlocked.Exchange(ref hasStopped, 1) == 0)
            {
                pause.Arrive();
                await pause.Continued;
            }

            await before(name, write);
        };
        return pause;
    }

    /// <summary>Another process goes on with what is stored.</summary>
    public void Restart() => Stores.OnWrite = (_, write) => Done(write);

    /// <summary>What the driver of a live silo does by itself after a while.</summary>
    public async Task CleanUpLaterAsync()
    {
        Clock.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        await OpenBatches.StaleAsync(TestContext.Current.CancellationToken);
        await References.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whether there is this one live batch, held and driven, and nothing besides.</summary>
    public void AssertOnly(BatchView batch)
    {
        Assert.Equal([batch.Id], Batches.Live.Select(live => live.Id));
        Assert.Equal([batch.Id], Stores.Open.Keys);
        Assert.Equal([(FileId, batch.Id)], Stores.References.Keys);
        Assert.Equal([batch.Id], Batches.Reminders.Keys);
        Assert.Equal([batch.Id], Stores.Index.Keys);
    }

    /// <summary>Whether no batch lives and none has left anything.</summary>
    public void AssertNothing()
    {
        Assert.Empty(Batches.Live);
        Assert.Empty(Stores.Open);
        Assert.Empty(Stores.References);
        Assert.Empty(Batches.Reminders);
        Assert.Empty(Stores.Index);
    }

    private static Task Done(Action write)
    {
        write();
        return Task.CompletedTask;
    }
}

/// <summary>A place where somebody waits.</summary>
internal sealed class Pause
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _continued = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when somebody has come here.</summary>
    public Task Arrived => _arrived.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Ends when they may go on.</summary>
    public Task Continued => _continued.Task;

    public void Arrive() => _arrived.TrySetResult();

    public void Continue() => _continued.TrySetResult();
}
