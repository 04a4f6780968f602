using System.Diagnostics;
using Phaseo.Orleans.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// The emulator of Azure Storage, in memory and on free ports: one for all tests of a run, started by the first that asks
/// for it. It ends with the run, even with one that is killed: its standard input closes.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Lazy<Task<(Process Process, string ConnectionString)>> _run = new(StartAsync);

    /// <summary>An account in which tests must keep to tables and containers of their own.</summary>
    public async Task<AzureAccount> AccountAsync() => new((await _run.Value).ConnectionString);

    public async ValueTask DisposeAsync()
    {
        if (!_run.IsValueCreated)
        {
            return;
        }

        using var process = (await _run.Value).Process;
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Limit);
    }

    private static async Task<(Process Process, string ConnectionString)> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("node", [SourceTree.PathOf("Azurite", "start"), "--until-stdin-closes"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        Assert.True(line is not null, "Azurite did not start; what it said is on standard error. Is it installed (npm ci --prefix Azurite)?");
        return (process, line);
    }
}
