using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Embedded;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>Real silos and a real client that know nothing of each other but an account of Azure Storage.</summary>
public sealed class AzureClusterTests(Azurite azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("AzureTableStorage")]
    [InlineData("AzureBlobStorage")]
    public async Task Silos_find_each_other_and_state_and_reminders_outlive_a_silo(string storage)
    {
        var settings = Settings((await azurite.AccountAsync()).ConnectionString, storage);
        using var first = await StartSiloAsync(settings);
        using var second = await StartSiloAsync(settings);
        using var client = await StartClientAsync(settings);
        var grains = client.Services.GetRequiredService<IGrainFactory>();
        foreach (var number in Enumerable.Range(0, 10))
        {
            await grains.GetGrain<INoteGrain>($"{number}").SetAsync($"note {number}");
        }

        await grains.GetGrain<INoteGrain>("3").RemindAsync("daily");
        Assert.Equal(2, (await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Token)).Count);

        await first.StopAsync(Token);

        foreach (var number in Enumerable.Range(0, 10))
        {
            var (text, etag, exists) = await grains.GetGrain<INoteGrain>($"{number}").GetAsync();
            Assert.Equal(($"note {number}", true), (text, exists));
            Assert.NotEmpty(etag!);
        }

        Assert.True(await grains.GetGrain<INoteGrain>("3").HasReminderAsync("daily"));
        await grains.GetGrain<INoteGrain>("3").ForgetAsync("daily");
        Assert.False(await grains.GetGrain<INoteGrain>("3").HasReminderAsync("daily"));
        await grains.GetGrain<INoteGrain>("3").ClearAsync();
        Assert.False((await grains.GetGrain<INoteGrain>("3").GetAsync()).Exists);
        await client.StopAsync(Token);
        await second.StopAsync(Token);
    }

    private static Dictionary<string, string?> Settings(string connection, string storage) => new()
    {
        ["ConnectionStrings:azurite"] = connection,
        ["Orleans:ClusterId"] = AzureAccount.NewName("cluster"),
        ["Orleans:ServiceId"] = AzureAccount.NewName("service"),
        ["Orleans:Clustering:ProviderType"] = "AzureTableStorage",
        ["Orleans:Clustering:ConnectionName"] = "azurite",
        ["Orleans:Clustering:TableName"] = AzureAccount.NewTable(),
        ["Orleans:Reminders:ProviderType"] = "AzureTableStorage",
        ["Orleans:Reminders:ConnectionName"] = "azurite",
        ["Orleans:Reminders:TableName"] = AzureAccount.NewTable(),
        [$"Orleans:GrainStorage:{GrainStorageNames.Phaseo}:ProviderType"] = storage,
        [$"Orleans:GrainStorage:{GrainStorageNames.Phaseo}:ConnectionName"] = "azurite",
        [$"Orleans:GrainStorage:{GrainStorageNames.Phaseo}:TableName"] = AzureAccount.NewTable(),
        [$"Orleans:GrainStorage:{GrainStorageNames.Phaseo}:ContainerName"] = AzureAccount.NewName("c"),
    };

    private static async Task<IHost> StartSiloAsync(Dictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.UseOrleans(silo => silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = IPAddress.Loopback;
            (endpoint.SiloPort, endpoint.GatewayPort) = FreePorts();
        }));
        var host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private static async Task<IHost> StartClientAsync(Dictionary<string, string?> settings)
    {
        var builder = new HostApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Where(setting => !setting.Key.Contains("Storage", StringComparison.Ordinal) && !setting.Key.Contains("Reminders", StringComparison.Ordinal)));
        builder.UseOrleansClient(_ => { });
        var host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var two = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        two.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)two.LocalEndpoint).Port);
    }
}
