using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

/// <summary>
/// One shard of rows and all that a runner of it touches: stores in memory, providers that do what the test says, and
/// a clock and turns that the test takes.
/// </summary>
internal sealed class ShardScene : IDisposable
{
    public const string Workspace = "ws";
    public const string Batch = "batch_01m6gvhc3gtsg1hf5m757zrchh";
    private readonly Measured _measured = new();
    private readonly IJournalStore _store;

    /// <summary>A shard of this many rows, all of model <c>m</c>, and another home for its journal if one is given.</summary>
    public ShardScene(int rows, IJournalStore? journals = null)
        : this(rows, _ => "m", journals)
    {
    }

    /// <summary>A shard in which each row's model is the caller's choice.</summary>
    public ShardScene(int rows, Func<int, string> model, IJournalStore? journals = null)
    {
        _store = journals ?? Journals;
        var input = string.Concat(Enumerable.Range(0, rows).Select(row => EngineSilo.Rows(row + 1, model(row)).Split('\n')[row] + "\n"));
        Order = new()
        {
            Workspace = Workspace,
            Batch = Batch,
            Shard = 0,
            Epoch = 1,
            Slice = new(0, Encoding.UTF8.GetByteCount(input), 0, rows, 1),
            InputBlob = BlobNames.Upload(Workspace, "file-1"),
            Endpoint = "/v1/chat/completions",
            Policy = new(),
            Calls = 16,
            Remaining = TimeSpan.FromHours(24),
        };
        Limiter = new(Clock);
        Upstreams = new(Clock, rows);
        Turns.Run(async () =>
        {
            await Blobs.PutAsync(Order.InputBlob, Encoding.UTF8.GetBytes(input), CancellationToken.None);
            await _store.CreateAsync(Order.Journal, CancellationToken.None);
        });
    }

    public Turns Turns { get; } = new();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public MemoryJournals Journals { get; } = new();

    public MemoryBlobs Blobs { get; } = new();

    public FakePlanner Planner { get; } = new();

    public FakeLimiter Limiter { get; }

    public FakeUpstreams Upstreams { get; }

    public BatchOptions Options { get; } = new();

    /// <summary>What the next run is told.</summary>
    public ShardOrder Order { get; set; }

    /// <summary>The journal's flushes, spelled out.</summary>
    public IReadOnlyList<string> Journal => Journals.Text(Order.Journal);

    /// <summary>The waits that the journal records.</summary>
    public IReadOnlyList<RowAttempt> Attempts => JournalText.Attempts(Journals[Order.Journal]);

    public ShardServices Services => new(
        _store,
        Blobs,
        Planner,
        Limiter,
        Upstreams,
        Microsoft.Extensions.Options.Options.Create(Options),
        new FakeMembers(active: 1).Roles(),
        new SiloDrain(Microsoft.Extensions.Options.Options.Create(new DrainOptions()), Clock, NullLogger<SiloDrain>.Instance),
        _measured.Metrics,
        Clock,
        NullLogger<ShardGrain>.Instance);

    /// <summary>Fences under an epoch and sends the rows that the journal lacks.</summary>
    public ShardRun Start(long epoch = 1)
    {
        Order = Order with { Epoch = epoch };
        return new(this, Order);
    }

    /// <summary>Runs to the end.</summary>
    public ShardRunEnd Run(long epoch = 1)
    {
        using var run = Start(epoch);
        return Turns.Result(run.End);
    }

    /// <summary>What the journal says to whoever reads it from the start.</summary>
    public ShardLedger Read()
    {
        var ledger = new ShardLedger(Order.Slice.FirstRow, Order.Slice.Rows);
        Turns.Run(() => new ShardJournal(_store, Order.Journal, ledger, Clock).CatchUpAsync(CancellationToken.None));
        return ledger;
    }

    public void Dispose()
    {
        _measured.Dispose();
        Turns.Dispose();
    }
}

/// <summary>One activation's work on the shard.</summary>
internal sealed class ShardRun : IDisposable
{
    private readonly ShardInput _input;

    public ShardRun(ShardScene scene, ShardOrder order)
    {
        Journal = new(scene.Services.Journals, order.Journal, new(order.Slice.FirstRow, order.Slice.Rows), scene.Clock);
        var state = scene.Turns.Run(() => Journal.FenceAsync(order.Epoch, CancellationToken.None));
        Assert.Equal(JournalState.Open, state);
        _input = scene.Turns.Run(() => ShardInput.LoadAsync(scene.Blobs, order.InputBlob, order.Slice, CancellationToken.None));
        Runner = new(order, scene.Services, _input, Journal, scene.Turns);
        End = scene.Turns.Start(Runner.RunAsync);
    }

    public ShardJournal Journal { get; }

    public ShardRunner Runner { get; }

    public Task<ShardRunEnd> End { get; }

    public void Dispose()
    {
        Runner.Dispose();
        _input.Dispose();
    }
}
