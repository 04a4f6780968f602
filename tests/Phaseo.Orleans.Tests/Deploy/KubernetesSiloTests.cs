using System.Net;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting.Kubernetes;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>A silo in a pod, with a Kubernetes that the test plays.</summary>
public sealed class KubernetesSiloTests(Azurite azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_silo_of_a_removed_pod_is_dead_at_once_and_no_right_is_needed_but_the_manifests()
    {
        var cluster = AzureAccount.NewTable();
        await using var api = await KubernetesApi.StartAsync();
        var labels = new Dictionary<string, string> { ["orleans/clusterId"] = cluster, ["orleans/serviceId"] = cluster };
        api.Add("pod-a", labels);
        api.Add("pod-b", labels);
        await using var silo = await StartAsync(await azurite.AccountAsync(), cluster, api, "pod-a");
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        await Patience.UntilAsync("watch", () => api.Verbs.Contains("watch"));
        await JoinAsync(table, "pod-b");
        await silo.Services.GetRequiredService<IClusterMembershipService>().Refresh(cancellationToken: Cancellation);

        var started = TimeProvider.System.GetTimestamp();
        api.Remove("pod-b");
        await Patience.UntilAsync("death", async () =>
            (await table.ReadAllAsync(Cancellation)).Members.Single(member => member.Item1.SiloName == "pod-b").Item1.Status == SiloStatus.Dead ? "dead" : null);

        Assert.Equal(["get", "list", "watch"], api.Verbs);
        Assert.Equal("pod-a", silo.Services.GetRequiredService<ILocalSiloDetails>().Name);
        var probes = silo.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        Assert.True(TimeProvider.System.GetElapsedTime(started) < probes.ProbeTimeout * probes.NumMissedProbesLimit);
    }

    [Fact]
    public async Task Outside_of_a_pod_nobody_is_asked()
    {
        await using var silo = SiloHost.Build(
            new Silo.SiloOptions { Urls = "http://127.0.0.1:0", Storage = "azure", Connection = (await azurite.AccountAsync()).ConnectionString, StoragePrefix = AzureAccount.NewTable() },
            [],
            builder => builder.Logging.ClearProviders());

        Assert.Null(silo.Services.GetService<KubernetesClusterAgent>());
    }

    private static async Task<WebApplication> StartAsync(AzureAccount account, string cluster, KubernetesApi api, string pod)
    {
        // The library reads these two from the process; nothing else here does.
        Environment.SetEnvironmentVariable(KubernetesHostingOptions.PodNameEnvironmentVariable, pod);
        Environment.SetEnvironmentVariable(KubernetesHostingOptions.PodNamespaceEnvironmentVariable, KubernetesApi.Namespace);
        try
        {
            var options = new Silo.SiloOptions
            {
                Urls = "http://127.0.0.1:0",
                Storage = "azure",
                Connection = account.ConnectionString,
                StoragePrefix = cluster,
                ClusterId = cluster,
                ServiceId = cluster,
                Address = "127.0.0.1",
            };
            var silo = SiloHost.Build(options, ["--KUBERNETES_SERVICE_HOST=kubernetes"], builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.Configure<KubernetesHostingOptions>(kubernetes => kubernetes.GetClientConfiguration = () => new KubernetesClientConfiguration { Host = api.Url });
            });
            await silo.StartAsync(Cancellation);
            return silo;
        }
        finally
        {
            Environment.SetEnvironmentVariable(KubernetesHostingOptions.PodNameEnvironmentVariable, null);
            Environment.SetEnvironmentVariable(KubernetesHostingOptions.PodNamespaceEnvironmentVariable, null);
        }
    }

    // A silo that says that it lives; only probes, or Kubernetes, could say otherwise.
    private static async Task JoinAsync(IMembershipTable table, string name)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1),
            SiloName = name,
            HostName = name,
            Status = SiloStatus.Active,
            StartTime = now,
            IAmAliveTime = now.AddMinutes(1),
            ProxyPort = 0,
            SuspectTimes = [],
        };
        await Patience.UntilAsync("place in the table", async () =>
            await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation) ? "row" : null);
    }
}
