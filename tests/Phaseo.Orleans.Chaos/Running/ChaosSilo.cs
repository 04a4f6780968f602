using System.Globalization;
using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>One silo of a run over all its lives.</summary>
internal sealed class ChaosSilo(int number, ChaosHome home, string folder, string key, string providerKey, Action<string> heard) : IAsyncDisposable
{
    private const string ProviderKey = "CHAOS_PROVIDER_KEY";
    private const int MostStarts = 3;

    // Its flushes are tried within a second.
    private static readonly TimeSpan ZombieLife = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ReplacedPause = TimeSpan.FromMilliseconds(200);

    // /metrics is open to this machine.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private SiloProcess? _process;
    private bool _isOurs;
    private int _lives;

    /// <summary>Which one.</summary>
    public int Number => number;

    /// <summary>Whether it can be talked to.</summary>
    public bool Lives => _process is { HasExited: false } && !IsFrozen;

    /// <summary>Whether it has a process, frozen or not.</summary>
    public bool HasProcess => _process is { HasExited: false };

    /// <summary>Whether it was stopped and not yet continued.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether it was killed to stay away.</summary>
    public bool IsAway { get; set; }

    /// <summary>The role that it was started with last.</summary>
    public string Role { get; private set; } = "all";

    /// <summary>Whether clients may talk to it.</summary>
    public bool TakesRequests => Lives && Role != "worker";

    /// <summary>How its calls name it, in this life.</summary>
    public string Caller => string.Create(CultureInfo.InvariantCulture, $"silo-{number}-{_lives}");

    /// <summary>What it was armed with when it was started last; null: nothing, or it has been reached.</summary>
    public ChaosStep.Arm? Armed { get; private set; }

    /// <summary>Where its API listens.</summary>
    public Uri Address => _process!.Address;

    /// <summary>The last lines that it wrote.</summary>
    public string Log => _process?.Log ?? "";

    /// <summary>The file that says how storage fails it.</summary>
    public string FaultFile { get; } = Path.Combine(folder, $"storage-faults-{number}");

    private string Catalog => Path.Combine(folder, $"catalog-{number}.json");

    /// <summary>Starts it.</summary>
    public async Task StartAsync(Uri upstream, int calls, int silos, string role, ChaosStep.Arm? arm = null)
    {
        await DropAsync();
        (Role, IsAway, Armed) = (role, false, arm);
        _lives++;

        // Each life calls from a path of its own: the upstream's log then tells who called.
        await File.WriteAllTextAsync(Catalog, CrashCatalog.Of(new Uri(upstream, $"/{Caller}/v1"), calls * silos, ProviderKey));
        _isOurs = false;
        IsFrozen = false;
        string[] settings =
        [
            .. home.Settings,
            $"--Phaseo:Role={role}",
            $"--Catalog:Path={Catalog}",
            string.Create(CultureInfo.InvariantCulture, $"--Batches:MaxConcurrentCalls={calls}"),
            "--Batches:FirstRetryDelay=00:00:00.1",
            "--Batches:CallLimit=00:00:12",
            "--Batches:CallIdleLimit=00:00:08",
            "--Batches:CancelGrace=00:00:05",
            "--Driver:AbandonAfter=00:02:00",
            "--Driver:CleanUpInterval=00:00:10",
            "--Logging:LogLevel:Phaseo.Orleans=Debug",
        ];
        var failPoint = arm is { } at ? string.Create(CultureInfo.InvariantCulture, $"{at.Point}:{at.Count}@{at.Signal}") : null;
        KeyValuePair<string, string>[] environment =
        [
            new(StorageFaults.Variable, FaultFile),
            new(Notice.Variable, "1"),
            new(Zombies.Variable, arm is { Outlives: true } ? "1" : "0"),
            new(ProviderKey, providerKey),
            new("DOTNET_TieredPGO", "0"), // nearly all that a short life does is to start
        ];
        _process = await StartProcessAsync(settings, failPoint, environment);
    }

    /// <summary>All its metrics, as a scrape has them.</summary>
    public Task<string> ReadMetricsAsync(CancellationToken cancellation) => Http.GetStringAsync(new Uri(Address, "/metrics"), cancellation);

    /// <summary>Kills it.</summary>
    public async Task KillAsync()
    {
        _isOurs = true;
        IsFrozen = false;
        await _process!.KillAsync();
    }

    /// <summary>Ends it by SIGTERM; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        _isOurs = true;
        return await _process!.StopAsync();
    }

    /// <summary>Stops it for a while.</summary>
    public async Task FreezeAsync(TimeSpan time, CancellationToken cancellation)
    {
        IsFrozen = true;
        await _process!.SignalAsync("STOP");
        await ThawAfterAsync(time, cancellation);
    }

    /// <summary>Lets one that is stopped go on after a while.</summary>
    public async Task ThawAfterAsync(TimeSpan time, CancellationToken cancellation)
    {
        IsFrozen = true;
        await Task.Delay(time, TimeProvider.System, cancellation);
        await _process!.SignalAsync("CONT");
        IsFrozen = false;
    }

    /// <summary>Lets one that is stopped go on, though it may be declared dead, once it has been replaced; and then kills it.</summary>
    /// <param name="isReplaced">Whether another has its work.</param>
    /// <param name="most">How long that is waited for.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task OutliveAsync(Func<bool> isReplaced, TimeSpan most, CancellationToken cancellation)
    {
        IsFrozen = true;
        var since = TimeProvider.System.GetTimestamp();
        while (!isReplaced() && TimeProvider.System.GetElapsedTime(since) < most)
        {
            await Task.Delay(ReplacedPause, TimeProvider.System, cancellation);
        }

        await _process!.SignalAsync("CONT");
        await Task.Delay(ZombieLife, TimeProvider.System, cancellation);
        await KillAsync();
    }

    /// <summary>Whether it has met the fail-point that it was armed with: it is dead, or stands still. Once.</summary>
    public async Task<bool> HasReachedAsync()
    {
        if (Armed is not { } armed || _process is null)
        {
            return false;
        }

        if (armed.Signal == "STOP" ? !await IsStoppedAsync() : !_process.HasExited || _isOurs)
        {
            return false;
        }

        Armed = null;
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DropAsync();

    // The silo's port is one that was free a moment ago, and many silos start.
    private async Task<SiloProcess> StartProcessAsync(string[] settings, string? failPoint, KeyValuePair<string, string>[] environment)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await SiloProcess.StartAsync(settings, key, failPoint, environment, heard);
            }
            catch (InvalidOperationException e) when (tries < MostStarts && e.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
            }
        }
    }

    private async Task<bool> IsStoppedAsync()
    {
        try
        {
            // The third field: T is stopped.
            var line = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process!.Id}/stat"));
            return line[(line.LastIndexOf(')') + 2)..].StartsWith('T');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async ValueTask DropAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }
}
