using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The stores in containers and tables of their own on the emulator.</summary>
public sealed class AzureStoresHome : StorageHome
{
    private readonly AzureAccount _account;
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("N");
    private ServiceProvider _services;

    private AzureStoresHome(AzureAccount account)
    {
        _account = account;
        _services = Start();
    }

    protected override IServiceProvider Services => _services;

    public static async Task<StorageHome> OpenAsync(Azurite azurite)
    {
        var home = new AzureStoresHome(await azurite.AccountAsync());
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
            options.Blobs = _account.Blobs();
            options.Tables = _account.Tables();
            options.Prefix = _prefix;
        })
        .BuildServiceProvider();
}
