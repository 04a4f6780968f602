using System.Globalization;
using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>Silos, their home and the upstream. May serve one seed after the other.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const string Key = "phk_chaos";
    private const string ProviderKey = "sk-chaos-provider";

    private readonly ChaosHome _home;
    private readonly EchoUpstreamOptions _options;
    private readonly EchoUpstream _upstream;
    private readonly List<string> _leaks = [];

    private ChaosCluster(ChaosHome home, string folder, int silos, EchoUpstreamOptions options, EchoUpstream upstream)
    {
        (_home, _options, _upstream, Folder) = (home, options, upstream, folder);
        Silos = [.. Enumerable.Range(0, silos).Select(number => new ChaosSilo(number, home, folder, Key, ProviderKey, line => Hear(number, line)))];
    }

    /// <summary>Called with every line that a silo writes.</summary>
    public Action<string> Heard { get; set; } = _ => { };

    /// <summary>The file that gets all that silos write, with times; null: none.</summary>
    public string? Logs { get; init; }

    /// <summary>The silos; one that was never started has no process.</summary>
    public IReadOnlyList<ChaosSilo> Silos { get; }

    /// <summary>What the clients' key is.</summary>
    public static string ApiKey => Key;

    /// <summary>Where everything of this cluster is.</summary>
    public string Folder { get; }

    /// <summary>Where the silos keep everything.</summary>
    public ChaosHome Home => _home;

    /// <summary>Every call that reached the upstream.</summary>
    public CallLog Calls => _options.Log!;

    /// <summary>Knows what no silo may write or show (I11).</summary>
    public Telltales Telltales { get; } = new(Key, ProviderKey);

    /// <summary>Makes one; starts no silo.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="connection">The storage account; null: a data folder.</param>
    /// <param name="logs">The file that gets all that silos write; null: none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<ChaosCluster> CreateAsync(int silos, string? connection, string? logs, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("phaseo-chaos-").FullName;
        var options = new EchoUpstreamOptions { Log = new CallLog() };
        var upstream = await EchoUpstream.StartAsync(options, cancellation);
        ChaosHome home = connection is null ? new FolderHome(Path.Combine(folder, "data")) : new AccountHome(connection);
        return new(home, folder, silos, options, upstream) { Logs = logs };
    }

    /// <summary>From now on the upstream behaves so.</summary>
    public void Behave(TimeSpan latency, EchoFaults faults) => (_options.Latency, _options.Faults) = (latency, faults);

    /// <summary>What silos have written that they may not (I11), since the last asking.</summary>
    public IReadOnlyList<string> TakeLeaks()
    {
        lock (_leaks)
        {
            List<string> taken = [.. _leaks];
            _leaks.Clear();
            return taken;
        }
    }

    /// <summary>Starts a silo, armed or not.</summary>
    public Task StartAsync(ChaosSilo silo, int calls, string role, ChaosStep.Arm? arm = null) =>
        silo.StartAsync(_upstream.Address, calls, Silos.Count, role, arm);

    /// <summary>Has storage fail all silos so; empty: not at all.</summary>
    public async Task SetStorageAsync(string script)
    {
        foreach (var silo in Silos)
        {
            // In one step, so that nobody reads half of it.
            var next = string.Create(CultureInfo.InvariantCulture, $"{silo.FaultFile}.new");
            await File.WriteAllTextAsync(next, script);
            File.Move(next, silo.FaultFile, overwrite: true);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }

        await _home.DisposeAsync();
        await _upstream.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private void Hear(int silo, string line)
    {
        if (Logs is { } logs)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} silo {silo}: {line}\n");
            lock (_leaks)
            {
                File.AppendAllText(logs, text);
            }
        }

        if (Telltales.Find(line) is { } told)
        {
            lock (_leaks)
            {
                _leaks.Add(told);
            }
        }

        Heard(line);
    }
}
