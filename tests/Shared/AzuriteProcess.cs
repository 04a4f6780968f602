using System.Diagnostics;
using System.Globalization;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// The emulator of Azure Storage in a process of its own, on free ports. It ends with the one who started it, even with
/// one that is killed: its standard input closes.
/// </summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private bool _isDisposed;

    private AzuriteProcess(Process process, string connectionString) => (_process, ConnectionString) = (process, connectionString);

    /// <summary>How to reach it.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts it in memory.</summary>
    /// <exception cref="InvalidOperationException">It did not start; what it said is on standard error.</exception>
    public static Task<AzuriteProcess> StartAsync() => StartAsync([]);

    /// <summary>Starts it on a folder, in which it leaves everything when it stops.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="before">Whose ports it takes; null: free ones.</param>
    /// <exception cref="InvalidOperationException">It did not start; what it said is on standard error.</exception>
    public static Task<AzuriteProcess> StartAsync(string folder, AzuriteProcess? before = null) =>
        StartAsync(["--folder", folder, .. before is null ? [] : PortsOf(before.ConnectionString)]);

    private static IEnumerable<string> PortsOf(string connectionString) => connectionString.Split(';')
        .Select(part => part.Split('=', 2))
        .Where(part => part[0].EndsWith("Endpoint", StringComparison.Ordinal))
        .SelectMany(part => (string[])
        [
            $"--{part[0][..^"Endpoint".Length].ToLowerInvariant()}-port",
            new Uri(part[1]).Port.ToString(CultureInfo.InvariantCulture),
        ]);

    private static async Task<AzuriteProcess> StartAsync(IEnumerable<string> arguments)
    {
        var program = SourceTree.PathOf("Azurite", "start");
        var process = Process.Start(new ProcessStartInfo("node", [program, "--until-stdin-closes", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Limit, TimeProvider.System);
        return line is null
            ? throw new InvalidOperationException("Azurite did not start. Is it installed (npm ci --prefix Azurite)?")
            : new(process, line);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit, TimeProvider.System);
        _process.Dispose();
    }
}
