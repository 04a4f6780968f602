using k8s.Models;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>What Kubernetes would be told, checked without one.</summary>
public sealed class KubernetesTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    public static readonly TheoryData<string> Overlays = ["dev", "production"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_overlay_renders_to_objects_that_Kubernetes_knows(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);

        Assert.Equal(["phaseo-api", "phaseo-worker"], manifests.Deployments.Select(deployment => deployment.Metadata.Name).Order(StringComparer.Ordinal));
        Assert.Contains(manifests.All, one => one is V1Namespace space && space.Metadata.Labels["pod-security.kubernetes.io/enforce"] == "restricted");
        Assert.Equal(2, manifests.Of<V1PodDisruptionBudget>().Count);
        Assert.Equal(2, manifests.Of<V2HorizontalPodAutoscaler>().Count);
        Assert.Single(manifests.Of<V1NetworkPolicy>());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Selectors_meet_the_pods_that_they_mean(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);
        var pods = manifests.Pods;

        Assert.All(manifests.Deployments, deployment =>
        {
            Assert.True(Manifests.Selects(deployment.Spec.Selector.MatchLabels, deployment.Spec.Template.Metadata.Labels));
            Assert.All(
                deployment.Spec.Template.Spec.TopologySpreadConstraints,
                spread => Assert.Equal(deployment.Spec.Selector.MatchLabels, spread.LabelSelector.MatchLabels));
        });
        Assert.Equal(
            ["phaseo-api", "phaseo-worker"],
            manifests.Of<V1PodDisruptionBudget>().Select(budget => Assert.Single(pods, pod => Manifests.Selects(budget.Spec.Selector.MatchLabels, pod.Value.Metadata.Labels)).Key));
        var service = manifests.Of<V1Service>().Single(one => one.Metadata.Name == "phaseo");
        var served = Assert.Single(pods, pod => Manifests.Selects(service.Spec.Selector, pod.Value.Metadata.Labels));
        Assert.Equal("phaseo-api", served.Key);
        Assert.All(service.Spec.Ports, port => Assert.Contains(served.Value.Spec.Containers.Single().Ports, open => open.Name == port.TargetPort.Value));
        var policy = manifests.Of<V1NetworkPolicy>().Single();
        Assert.Equal(2, pods.Count(pod => Manifests.Selects(policy.Spec.PodSelector.MatchLabels, pod.Value.Metadata.Labels)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_reach_each_other_whatever_else_the_network_forbids(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);
        var policy = manifests.Of<V1NetworkPolicy>().Single().Spec;

        foreach (var pod in manifests.Deployments.Select(deployment => deployment.Spec.Template))
        {
            var port = pod.Spec.Containers.Single().Ports.Single(open => open.Name == "silo").ContainerPort;
            Assert.Equal($"{port}", manifests.SettingOf(pod, "Phaseo__SiloPort"));
            Assert.Contains(policy.Ingress, rule => rule.Ports.Any(open => open.Port.Value == "silo") && rule.FromProperty.Any(from => Manifests.Selects(from.PodSelector.MatchLabels, pod.Metadata.Labels)));
            Assert.Contains(policy.Egress, rule => rule.Ports.Any(open => open.Port.Value == $"{port}") && rule.To.Any(to => Manifests.Selects(to.PodSelector.MatchLabels, pod.Metadata.Labels)));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Probes_ask_routes_that_a_silo_has(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);
        using var client = silo.NewClient();

        foreach (var container in manifests.Deployments.Select(deployment => deployment.Spec.Template.Spec.Containers.Single()))
        {
            foreach (var probe in (V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe])
            {
                using var response = await client.GetAsync(probe.HttpGet.Path, Cancellation);
                Assert.Equal("ok", await response.Content.ReadAsStringAsync(Cancellation));
                Assert.Contains(container.Ports, port => port.Name == probe.HttpGet.Port.Value);
            }

            CommandLines.Check(container.Args);
            Assert.Contains($"http://*:{container.Ports.Single(port => port.Name == "http").ContainerPort}", container.Args);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_have_no_rights_that_they_do_not_need(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);

        Assert.All(manifests.Pods.Values.Select(pod => pod.Spec), pod =>
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.NotEqual(0, pod.SecurityContext.RunAsUser);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.All(pod.Containers, container =>
            {
                Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.All(["cpu", "memory"], resource => Assert.Contains(resource, container.Resources.Requests.Keys));
                Assert.Contains("memory", container.Resources.Limits.Keys);
            });
        });
        Assert.All(manifests.Deployments, deployment => Assert.Equal(DockerfileTests.UserOfImage, deployment.Spec.Template.Spec.SecurityContext.RunAsUser));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task A_pod_is_given_longer_to_end_than_a_silo_takes(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);

        Assert.All(manifests.Deployments.Select(deployment => deployment.Spec.Template.Spec), pod =>
        {
            var before = pod.Containers.Single().Lifecycle.PreStop.Sleep.Seconds;
            Assert.True(before > 0);
            Assert.True(pod.TerminationGracePeriodSeconds > before + DrainTimes.Longest.TotalSeconds);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Budgets_leave_silos_running_and_allow_one_to_go(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);

        foreach (var deployment in manifests.Deployments)
        {
            var scaling = Assert.Single(manifests.Of<V2HorizontalPodAutoscaler>(), one => one.Spec.ScaleTargetRef.Name == deployment.Metadata.Name);
            var budget = Assert.Single(manifests.Of<V1PodDisruptionBudget>(), one => Manifests.Selects(one.Spec.Selector.MatchLabels, deployment.Spec.Template.Metadata.Labels));
            Assert.Null(deployment.Spec.Replicas);
            Assert.InRange(int.Parse(budget.Spec.MaxUnavailable.Value, null), 1, scaling.Spec.MinReplicas!.Value - 1);
            Assert.True(scaling.Spec.MaxReplicas > scaling.Spec.MinReplicas);
            Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_variable_is_one_that_a_silo_reads(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);

        var variables = manifests.Deployments.SelectMany(deployment => manifests.VariablesOf(deployment.Spec.Template)).Distinct().ToList();

        Assert.Contains("PHASEO_CONNECTION", variables);
        Assert.All(variables, name => Assert.True(SiloSettings.IsRead(name), $"No silo reads {name}."));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_may_see_the_pods_of_their_cluster_and_look_for_them_by_its_ids(string overlay)
    {
        var manifests = await Manifests.RenderAsync(overlay);
        var binding = manifests.Of<V1RoleBinding>().Single();
        var rule = manifests.Of<V1Role>().Single(role => role.Metadata.Name == binding.RoleRef.Name).Rules.Single();

        Assert.Equal(["pods"], rule.Resources);
        Assert.Equal(["get", "list", "watch"], rule.Verbs);
        Assert.All(manifests.Deployments.Select(deployment => deployment.Spec.Template), pod =>
        {
            Assert.Equal(binding.Subjects.Single().Name, pod.Spec.ServiceAccountName);
            Assert.Equal(manifests.SettingOf(pod, "Phaseo__ClusterId"), pod.Metadata.Labels["orleans/clusterId"]);
            Assert.Equal(manifests.SettingOf(pod, "Phaseo__ServiceId"), pod.Metadata.Labels["orleans/serviceId"]);
        });
    }

    [Fact]
    public async Task Production_holds_no_secret_and_opens_storage_with_an_identity()
    {
        var manifests = await Manifests.RenderAsync("production");

        Assert.Empty(manifests.Of<V1Secret>());
        Assert.Contains("azure.workload.identity/client-id", manifests.Of<V1ServiceAccount>().Single().Metadata.Annotations.Keys);
        Assert.All(manifests.Deployments.Select(deployment => deployment.Spec.Template), pod =>
        {
            Assert.Equal("true", pod.Metadata.Labels["azure.workload.identity/use"]);
            Assert.StartsWith("https://", manifests.SettingOf(pod, "PHASEO_CONNECTION"), StringComparison.Ordinal);
            Assert.Matches(@":\d+\.\d+\.\d+$", pod.Spec.Containers.Single().Image);
        });
    }

    [Fact]
    public async Task Dev_runs_the_emulator_that_the_tests_use()
    {
        var manifests = await Manifests.RenderAsync("dev");

        var emulator = manifests.Pods["azurite"].Spec.Containers.Single();

        Assert.Equal(Images.Azurite(), emulator.Image);
        var service = manifests.Of<V1Service>().Single(one => one.Metadata.Name == "azurite");
        Assert.All(service.Spec.Ports, port => Assert.Contains(emulator.Ports, open => open.Name == port.TargetPort.Value && open.ContainerPort == port.Port));
    }
}
