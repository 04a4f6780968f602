using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class GatewayListTests(Azurite azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gateways_are_the_active_silos_of_the_cluster_that_have_a_proxy_port()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        foreach (var (status, number) in Enum.GetValues<SiloStatus>().Select((status, number) => (status, number)))
        {
            await scene.InsertAsync(MembershipScene.Entry(number, status));
        }

        var withoutPort = MembershipScene.Entry(20, SiloStatus.Active);
        withoutPort.ProxyPort = 0;
        await scene.InsertAsync(withoutPort);
        var other = await scene.OpenAsync("other");
        await other.InsertRowAsync(MembershipScene.Entry(21, SiloStatus.Active), (await other.ReadAllAsync(Token)).Version.Next(), Token);
        var active = Array.IndexOf(Enum.GetValues<SiloStatus>(), SiloStatus.Active);

        var gateways = await (await scene.GatewaysAsync()).GetGatewaysAsync(Token);

        Assert.Equal([new Uri($"gwy.tcp://127.0.0.1:{31_000 + active}/{154_494_000 + active}")], gateways);
    }

    [Fact]
    public async Task A_new_cluster_has_no_gateways()
    {
        var scene = await MembershipScene.CreateAsync(azurite);

        Assert.Empty(await (await scene.GatewaysAsync()).GetGatewaysAsync(Token));
    }

    [Fact]
    public async Task The_list_is_fresh_for_as_long_as_the_options_say()
    {
        var gateways = await (await MembershipScene.CreateAsync(azurite)).GatewaysAsync();

        Assert.Equal(TimeSpan.FromSeconds(42), gateways.MaxStaleness);
        Assert.True(gateways.IsUpdatable);
    }

    [Fact]
    public async Task Cancelling_ends_the_call_to_the_service()
    {
        var calls = new EndlessCalls();
        var gateways = await (await MembershipScene.CreateAsync(azurite)).GatewaysAsync(calls);

        await EndlessCalls.CheckAsync(calls, token => gateways.GetGatewaysAsync(token));
    }
}
