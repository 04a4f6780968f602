using System.Globalization;
using Phaseo.Orleans.Silo.Http;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>
/// One batch, and silo processes one after the other on the same data folder. The upstream, its log of calls and the
/// client live in the test, so they survive every kill.
/// </summary>
internal sealed class CrashRun : IAsyncDisposable
{
    /// <summary>After a restart alone a batch goes on within this time, with nobody asking (I5).</summary>
    public static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(120);

    private const string Key = "phk_crash";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TempFolder _folder = new();
    private readonly CrashPlan _plan;
    private readonly EchoUpstream _upstream;
    private readonly BatchClient _client = new(Key, TestContext.Current.CancellationToken);
    private SiloProcess? _silo;
    private SeenBatch? _batch;
    private string? _inputFileId;
    private int _kills;

    private CrashRun(CrashPlan plan, CallLog calls, EchoUpstream upstream) => (_plan, Calls, _upstream) = (plan, calls, upstream);

    /// <summary>All calls that reached the upstream.</summary>
    public CallLog Calls { get; }

    /// <summary>The process of now.</summary>
    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("No silo has been started.");

    /// <summary>What the last read of the batch showed; null before the first.</summary>
    public BatchReading? Last => _batch?.Last;

    private SeenBatch Batch => _batch ?? throw new InvalidOperationException("No batch has been created.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string DataFolder => PathOf("data");

    /// <summary>Makes input, upstream and catalog. Starts no silo.</summary>
    public static async Task<CrashRun> StartAsync(CrashPlan plan, int seed = 1)
    {
        var calls = new CallLog();
        var upstream = await EchoUpstream.StartAsync(
            new() { Latency = plan.Latency, Faults = plan.Faults with { Seed = (ulong)seed }, Log = calls }, Cancellation);
        var run = new CrashRun(plan, calls, upstream);
        await new RequestRows { Seed = seed }.WriteAsync(run.PathOf("in.jsonl"), plan.Rows, Cancellation);
        await File.WriteAllTextAsync(run.PathOf("catalog.json"), CrashCatalog.Of(upstream.BaseUrl, plan.Calls), Cancellation);
        return run;
    }

    /// <summary>Starts the next process on the data folder.</summary>
    public async Task StartSiloAsync(string? failPoint = null)
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        string[] settings =
        [
            $"--Phaseo:DataFolder={DataFolder}",
            $"--Catalog:Path={PathOf("catalog.json")}",
            string.Create(CultureInfo.InvariantCulture, $"--Batches:MaxConcurrentCalls={_plan.Calls}"),
            "--Batches:FirstRetryDelay=00:00:00.1",
        ];
        _silo = await SiloProcess.StartAsync(settings, Key, failPoint);
        _client.Server = _silo.Address;
    }

    /// <summary>Uploads and creates what has not been yet. False: the process died meanwhile.</summary>
    public async Task<bool> SubmitAsync()
    {
        try
        {
            _inputFileId ??= await _client.UploadAsync(PathOf("in.jsonl"));
            _batch ??= new(await _client.CreateAsync(_inputFileId, _plan.Window), _client, _folder.Path);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Asks the batch to stop. False: the process died meanwhile.</summary>
    public async Task<bool> CancelAsync() => await Batch.CancelAsync() is not null;

    /// <summary>Reads the batch until it shows what is asked for. False: the process died meanwhile.</summary>
    public async Task<bool> UntilAsync(Func<BatchReading, bool> condition, string awaited)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await Batch.ReadAsync() is { } seen)
        {
            if (condition(seen))
            {
                return true;
            }

            if (TimeProvider.System.GetElapsedTime(started) > GoesOnWithin)
            {
                throw new TimeoutException($"The batch did not {awaited} within {GoesOnWithin.TotalSeconds} s: {seen}\n{Silo.Log}");
            }

            await Task.Delay(Pause, TimeProvider.System, Cancellation);
        }

        return false;
    }

    /// <summary>Reads the batch, if there is one, until the process is dead; its exit code.</summary>
    public async Task<int> UntilDeadAsync(string awaited)
    {
        var exit = Silo.UntilExitAsync(awaited);
        while (!exit.IsCompleted && _batch is not null && await _batch.ReadAsync() is not null)
        {
            await Task.WhenAny(exit, Task.Delay(Pause, TimeProvider.System, Cancellation));
        }

        _kills++;
        return await exit;
    }

    /// <summary>Kills the process now.</summary>
    public async Task KillAsync()
    {
        await Silo.KillAsync();
        _kills++;
    }

    /// <summary>Waits, without a word to the process, until it has finished the batch and removed its traces (I5, I9).</summary>
    public async Task UntilQuietAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!Leftovers.IsQuiet(DataFolder))
        {
            if (Silo.HasExited || TimeProvider.System.GetElapsedTime(started) > GoesOnWithin)
            {
                throw new TimeoutException($"The batch has an open row or a reminder after {GoesOnWithin.TotalSeconds} s:\n{Silo.Log}");
            }

            await Task.Delay(Pause, TimeProvider.System, Cancellation);
        }
    }

    /// <summary>
    /// Ends a run whose batch is terminal: reads batch and files, stops the process by SIGTERM, and says which
    /// promises were broken. None is the empty text.
    /// </summary>
    public async Task<string> JudgeAsync(int? repeatedCalls = null)
    {
        var found = new List<Violation>();
        if (!await Batch.IsListedAsItIsAsync())
        {
            found.Add(new Violation("I10", Batch.Id, "The list shows another batch object than a read."));
        }

        var evidence = await Batch.GatherAsync(PathOf("in.jsonl"));
        var exit = await Silo.StopAsync();
        var bounds = new OracleBounds { RepeatedCalls = repeatedCalls ?? (_kills * _plan.RepeatedPerKill), Prices = CrashCatalog.Prices };
        found.AddRange(BatchOracle.Check([evidence], Calls.Calls, bounds));
        found.AddRange(await Leftovers.FindAsync(DataFolder, ApiKeys.DefaultWorkspace, Batch.Id, _inputFileId!, _plan.Shards, Cancellation));
        if (exit != 0)
        {
            found.Add(new Violation("", Batch.Id, $"SIGTERM ended the process with {exit}:\n{Silo.Log}"));
        }

        return string.Join('\n', found);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _client.Dispose();
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
