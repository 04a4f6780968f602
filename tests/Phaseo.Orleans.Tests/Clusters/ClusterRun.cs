using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.Silo.Http;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>
/// One batch on several silo processes over the emulator of Azure Storage. The upstream, its log of calls and the client
/// live in the test, so they survive every kill.
/// </summary>
internal sealed class ClusterRun : IAsyncDisposable
{
    /// <summary>The key of every silo's API.</summary>
    public const string Key = "phk_cluster";

    // I5 gives 30 s where another silo lives; the rest is for the batch's own time on a busy machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TempFolder _folder = new();
    private readonly string _prefix = AzureAccount.NewTable();
    private readonly CrashPlan _plan;
    private readonly AzureAccount _account;
    private readonly EchoUpstream _upstream;
    private readonly BatchClient _client = new(Key, TestContext.Current.CancellationToken);
    private readonly ServiceProvider _stores;
    private readonly SiloProcess?[] _silos;
    private readonly List<Kill> _kills = [];
    private readonly Func<int, IEnumerable<string>> _settings;
    private SeenBatch? _batch;
    private string? _inputFileId;

    private ClusterRun(
        CrashPlan plan, AzureAccount account, int silos, CallLog calls, EchoUpstream upstream, Func<int, IEnumerable<string>>? settings)
    {
        (_plan, _account, Calls, _upstream, _settings) = (plan, account, calls, upstream, settings ?? (_ => []));
        _silos = new SiloProcess?[silos];
        _stores = new ServiceCollection()
            .AddAzureStores(options => (options.Blobs, options.Tables, options.Prefix) = (account.Blobs(), account.Tables(), _prefix))
            .BuildServiceProvider();
    }

    /// <summary>All calls that reached the upstream.</summary>
    public CallLog Calls { get; }

    /// <summary>What the last read of the batch showed; null before the first.</summary>
    public BatchReading? Last => _batch?.Last;

    /// <summary>The batch's path in the API.</summary>
    public string BatchPath => $"/v1/batches/{Batch.Id}";

    private SeenBatch Batch => _batch ?? throw new InvalidOperationException("No batch has been created.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes input, upstream and catalog, and starts the silos.</summary>
    /// <param name="plan">What the batch is like.</param>
    /// <param name="account">Where all is kept.</param>
    /// <param name="silos">How many.</param>
    /// <param name="settings">More settings of each silo.</param>
    public static async Task<ClusterRun> StartAsync(
        CrashPlan plan, AzureAccount account, int silos, Func<int, IEnumerable<string>>? settings = null)
    {
        var calls = new CallLog();
        var upstream = await EchoUpstream.StartAsync(new() { Latency = plan.Latency, Faults = plan.Faults, Log = calls }, Cancellation);
        var run = new ClusterRun(plan, account, silos, calls, upstream, settings);
        await new RequestRows().WriteAsync(run.PathOf("in.jsonl"), plan.Rows, Cancellation);
        for (var silo = 0; silo < silos; silo++)
        {
            await run.StartSiloAsync(silo);
        }

        return run;
    }

    /// <summary>Starts a silo that does not run.</summary>
    public async Task StartSiloAsync(int silo)
    {
        // Each silo calls by a path of its own, so that the log tells whose a call is.
        var catalog = PathOf($"catalog-{silo}.json");
        var upstream = new Uri(_upstream.Address, $"/{NameOf(silo)}/v1");
        await File.WriteAllTextAsync(catalog, CrashCatalog.Of(upstream, _plan.ProviderCalls ?? _plan.Calls * _silos.Length), Cancellation);
        string[] settings =
        [
            "--Phaseo:Storage=azure",
            $"--Phaseo:Connection={_account.ConnectionString}",
            $"--Phaseo:StoragePrefix={_prefix}",
            $"--Phaseo:ClusterId={_prefix}",
            $"--Phaseo:ServiceId={_prefix}",
            $"--Catalog:Path={catalog}",
            string.Create(CultureInfo.InvariantCulture, $"--Batches:MaxConcurrentCalls={_plan.Calls}"),
            "--Batches:FirstRetryDelay=00:00:00.1",
            .. _settings(silo),
        ];
        _silos[silo] = await SiloProcess.StartAsync(settings, Key, failPoint: null);
    }

    /// <summary>Kills a silo now.</summary>
    public async Task KillAsync(int silo)
    {
        await _silos[silo]!.KillAsync();
        await _silos[silo]!.DisposeAsync();
        _silos[silo] = null;
        _kills.Add(new Kill(NameOf(silo), Calls.Now));
    }

    /// <summary>Stops a silo as its operator would: its exit code, and how long it took.</summary>
    public async Task<(int Exit, TimeSpan Took)> StopAsync(int silo)
    {
        var started = TimeProvider.System.GetTimestamp();
        var exit = await _silos[silo]!.StopAsync();
        var took = TimeProvider.System.GetElapsedTime(started);
        await _silos[silo]!.DisposeAsync();
        _silos[silo] = null;
        return (exit, took);
    }

    /// <summary>Freezes a silo, <c>STOP</c>, or lets it go on, <c>CONT</c>.</summary>
    public Task SignalAsync(int silo, string signal) => _silos[silo]!.SignalAsync(signal);

    /// <summary>Asks the batch to stop, again while nobody can answer.</summary>
    public async Task CancelAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await Batch.CancelAsync() is null)
        {
            await PauseAsync(started, "be cancelled");
            FindServer();
        }
    }

    /// <summary>Where a silo's API listens; null: it does not run.</summary>
    public Uri? AddressOf(int silo) => _silos[silo] is { HasExited: false } running ? running.Address : null;

    /// <summary>The name of a silo in the log of calls.</summary>
    public static string NameOf(int silo) => string.Create(CultureInfo.InvariantCulture, $"silo{silo}");

    /// <summary>Uploads the file and creates the batch.</summary>
    public async Task SubmitAsync()
    {
        FindServer();
        _inputFileId = await _client.UploadAsync(PathOf("in.jsonl"));
        _batch = new(await _client.CreateAsync(_inputFileId, _plan.Window), _client, _folder.Path);
    }

    /// <summary>What the first silo that runs answers to a GET.</summary>
    public Task<HttpResponseMessage> AskAsync(string path)
    {
        FindServer();
        return _client.AskAsync(path);
    }

    /// <summary>Reads the batch, from whichever silo answers, until it shows what is asked for.</summary>
    public async Task UntilAsync(Func<BatchReading, bool> condition, string awaited)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            FindServer();
            if (await Batch.ReadAsync() is { } seen && condition(seen))
            {
                return;
            }

            await PauseAsync(started, awaited);
        }
    }

    /// <summary>Waits until so many calls have come, without a word to any silo.</summary>
    public async Task UntilCallsAsync(int count)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Calls.Count < count)
        {
            await PauseAsync(started, $"make {count} calls");
        }
    }

    /// <summary>Waits, without a word to any silo, until the batch is finished and its traces are removed (I5, I9).</summary>
    public async Task UntilQuietAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var reminders = _account.Tables().GetTableClient(_prefix + "Reminders");
        while (await _stores.GetRequiredService<IOpenBatches>().ListAsync(null, Cancellation).AnyAsync(Cancellation)
            || await reminders.QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancellation).AnyAsync(Cancellation))
        {
            await PauseAsync(started, "end and remove its traces");
        }
    }

    /// <summary>Ends a run whose batch is terminal: which promises were broken. None is the empty text.</summary>
    /// <param name="repeatedCalls">Calls that may have been made twice; null: what the kills explain.</param>
    /// <param name="frozen">Whether a silo stood still while others went on.</param>
    public async Task<string> JudgeAsync(int? repeatedCalls = null, bool frozen = false)
    {
        FindServer();
        var found = new List<Violation>();
        if (!await Batch.IsListedAsItIsAsync())
        {
            found.Add(new Violation("I10", Batch.Id, "The list shows another batch object than a read."));
        }

        var evidence = await Batch.GatherAsync(PathOf("in.jsonl"));
        var bounds = new OracleBounds { RepeatedCalls = repeatedCalls ?? _kills.Count * _plan.RepeatedPerKill, Frozen = frozen, Prices = CrashCatalog.Prices };
        found.AddRange(BatchOracle.Check([evidence], Calls.Calls, bounds));
        var remains = new Remains(
            _stores.GetRequiredService<IOpenBatches>(),
            _stores.GetRequiredService<IFileReferences>(),
            _stores.GetRequiredService<IJournalStore>(),
            _stores.GetRequiredService<IBlobStore>(),
            reminders: null);
        found.AddRange(await remains.FindAsync(ApiKeys.DefaultWorkspace, Batch.Id, _inputFileId!, _plan.Shards, Cancellation));
        return string.Join('\n', found);
    }

    /// <summary>How the work of each killed silo went on, from the upstream's log alone.</summary>
    public IReadOnlyList<Takeover> FindTakeovers() =>
        Takeovers.Of(_kills, Calls.Timed, InputRows.Read(PathOf("in.jsonl"), BodyHashes.Raw));

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            if (silo is not null)
            {
                await silo.DisposeAsync();
            }
        }

        _client.Dispose();
        await _stores.DisposeAsync();
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    private void FindServer() => _client.Server = _silos.First(silo => silo is { HasExited: false })!.Address;

    private async Task PauseAsync(long started, string awaited)
    {
        if (TimeProvider.System.GetElapsedTime(started) > Limit)
        {
            FindServer();
            var seen = await Batch.ReadAsync();
            var logs = string.Join("\n--- silo\n", _silos.Select(silo => silo?.Log));
            throw new TimeoutException($"The batch did not {awaited} within {Limit.TotalSeconds} s after {Calls.Count} calls: {seen}\n{logs}");
        }

        await Task.Delay(Pause, TimeProvider.System, Cancellation);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
