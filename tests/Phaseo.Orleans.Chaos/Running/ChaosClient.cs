using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>
/// A batch's client: it submits until it has an id, then reads the batch from whichever silo answers, and writes down all
/// that it is shown.
/// </summary>
internal sealed class ChaosClient : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly PlannedBatch _plan;
    private readonly Func<Uri?> _server;
    private readonly string _folder;
    private readonly int _seed;
    private readonly BatchClient _client;
    private readonly CancellationToken _cancellation;

    // Of two calls at once the later answer may tell of the earlier state.
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private SeenBatch? _seen;

    public ChaosClient(PlannedBatch plan, string folder, int seed, string key, Func<Uri?> server, CancellationToken cancellation)
    {
        (_plan, _folder, _seed, _server, _cancellation) = (plan, folder, seed, server, cancellation);
        _client = new(key, cancellation) { Patience = TimeSpan.FromSeconds(5) };
    }

    /// <summary>What it is to submit.</summary>
    public PlannedBatch Plan => _plan;

    /// <summary>The batch; null before its create was answered.</summary>
    public string? Id => _seen?.Id;

    /// <summary>Its input file; null before the upload was answered.</summary>
    public string? FileId { get; private set; }

    /// <summary>What the last read showed; null before the first.</summary>
    public BatchReading? Last => _seen?.Last;

    /// <summary>Whether it has nothing more to wait for.</summary>
    public bool IsDone => HasGivenUp || Last is { IsTerminal: true };

    /// <summary>Whether it went away without an answer to its create.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Whether it looks away: it reads nothing.</summary>
    public bool LooksAway { get; set; }

    /// <summary>Shards that the batch can have.</summary>
    public int Shards => (_plan.Rows + 499) / 500;

    /// <summary>Whether the batch was asked to stop, and it was taken in.</summary>
    public bool WasCancelled { get; private set; }

    private string InputPath => Path.Combine(_folder, "in.jsonl");

    /// <summary>Submits, and reads until the batch is terminal.</summary>
    public async Task RunAsync()
    {
        Directory.CreateDirectory(_folder);
        await new RequestRows { Seed = _seed }.WriteAsync(InputPath, _plan.Rows, _cancellation);
        while (_seen is null && !HasGivenUp)
        {
            if (!await TrySubmitAsync())
            {
                // Only once its file is there is there anything to give up.
                HasGivenUp = _plan.GivesUp && FileId is not null;
                await Task.Delay(Pause, TimeProvider.System, _cancellation);
            }
        }

        while (!IsDone)
        {
            if (!LooksAway)
            {
                await ReadAsync();
            }

            await Task.Delay(Pause, TimeProvider.System, _cancellation);
        }
    }

    /// <summary>Asks the batch to stop, until somebody has taken it in.</summary>
    public async Task CancelAsync()
    {
        while (!WasCancelled && !HasGivenUp && Last is not { IsTerminal: true })
        {
            await _oneAtATime.WaitAsync(_cancellation);
            try
            {
                WasCancelled = Find() && _seen is not null && await _seen.CancelAsync() is not null;
            }
            catch (InvalidOperationException)
            {
                // 409: it had ended.
                return;
            }
            finally
            {
                _oneAtATime.Release();
            }

            await Task.Delay(Pause, TimeProvider.System, _cancellation);
        }
    }

    /// <summary>Reads the terminal batch once more, its files, and its place in the list; null: no silo answered.</summary>
    public async Task<(BatchEvidence Evidence, bool IsListed)?> GatherAsync()
    {
        if (!Find())
        {
            return null;
        }

        var isListed = await _seen!.IsListedAsItIsAsync();
        return (await _seen.GatherAsync(InputPath), isListed);
    }

    /// <summary>The batch object as it is.</summary>
    public Task<System.Text.Json.JsonElement> ReadRawAsync() => _client.GetAsync(Id!);

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task<bool> TrySubmitAsync()
    {
        if (!Find())
        {
            return false;
        }

        try
        {
            FileId ??= await _client.UploadAsync(InputPath);
            _seen = new(await _client.CreateAsync(FileId, _plan.Window), _client, _folder);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException && !_cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ReadAsync()
    {
        await _oneAtATime.WaitAsync(_cancellation);
        try
        {
            if (Find())
            {
                await _seen!.ReadAsync();
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private bool Find()
    {
        if (_server() is not { } server)
        {
            return false;
        }

        _client.Server = server;
        return true;
    }
}
