using System.Diagnostics;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// The emulator of Azure Storage in a process of its own, on free ports. It ends with the one who started it, even with
/// one that is killed: its standard input closes.
/// </summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private AzuriteProcess(Process process, string connectionString) => (_process, ConnectionString) = (process, connectionString);

    /// <summary>How to reach it.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts it in memory.</summary>
    /// <exception cref="InvalidOperationException">It did not start; what it said is on standard error.</exception>
    public static async Task<AzuriteProcess> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("node", [SourceTree.PathOf("Azurite", "start"), "--until-stdin-closes"])
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
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit, TimeProvider.System);
        _process.Dispose();
    }
}
