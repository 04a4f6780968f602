using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// The emulator of Azure Storage, in memory and on free ports: one for all tests of a run, started by the first that asks
/// for it.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    private readonly Lazy<Task<AzuriteProcess>> _run = new(AzuriteProcess.StartAsync);

    /// <summary>An account in which tests must keep to tables and containers of their own.</summary>
    public async Task<AzureAccount> AccountAsync() => new((await _run.Value).ConnectionString);

    public async ValueTask DisposeAsync()
    {
        if (_run.IsValueCreated)
        {
            await (await _run.Value).DisposeAsync();
        }
    }
}
