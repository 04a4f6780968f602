using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.AzureStores.Faults;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The stores in containers and tables of their own on the emulator.</summary>
public sealed class AzureStoresHome : StorageHome
{
    private readonly AzureAccount _account;
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("N");
    private ServiceProvider _services;

    private readonly Func<StorageFaultScript> _faults;

    private AzureStoresHome(AzureAccount account, Func<StorageFaultScript> faults)
    {
        (_account, _faults) = (account, faults);
        _services = Start();
    }

    protected override IServiceProvider Services => _services;

    /// <summary>Opens one in which requests go as the script says.</summary>
    internal static async Task<StorageHome> OpenAsync(Azurite azurite, Func<StorageFaultScript>? faults = null)
    {
        var home = new AzureStoresHome(await azurite.AccountAsync(), faults ?? (() => StorageFaultScript.Quiet));
        await home._services.PrepareAzureStoresAsync(TestContext.Current.CancellationToken);
        return home;
    }

    public override async Task ReopenAsync()
    {
        await _services.DisposeAsync();
        _services = Start();
    }

    public override async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        var blobs = _account.Blobs();
        await blobs.DeleteBlobContainerAsync(_prefix + "-files");
        await blobs.DeleteBlobContainerAsync(_prefix + "-journals");
    }

    private ServiceProvider Start() => new ServiceCollection()
        .AddAzureStores(options =>
        {
            options.Blobs = _account.Blobs(_faults);
            options.Tables = _account.Tables(_faults);
            options.Prefix = _prefix;
        })
        .BuildServiceProvider();
}
