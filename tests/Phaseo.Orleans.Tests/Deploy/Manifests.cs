using k8s;
using k8s.Models;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>An overlay of deploy/kubernetes as it reaches Kubernetes, each object in its own type: unknown fields are refused.</summary>
internal sealed class Manifests(IReadOnlyList<object> all)
{
    public IReadOnlyList<object> All => all;

    public IReadOnlyList<V1Deployment> Deployments => Of<V1Deployment>();

    /// <summary>The pods of all workloads, the emulator's too, by the workload's name.</summary>
    public IReadOnlyDictionary<string, V1PodTemplateSpec> Pods => Deployments
        .Select(deployment => (deployment.Metadata.Name, deployment.Spec.Template))
        .Concat(Of<V1StatefulSet>().Select(set => (set.Metadata.Name, set.Spec.Template)))
        .ToDictionary(pod => pod.Name, pod => pod.Template);

    public IReadOnlyList<T> Of<T>() => [.. all.OfType<T>()];

    /// <summary>Renders an overlay.</summary>
    public static async Task<Manifests> RenderAsync(string overlay)
    {
        var kubectl = Tool.Find("kubectl", "version 1.21 or later renders the overlays");
        var yaml = await kubectl.RunAsync("kustomize", SourceTree.PathOf("deploy", "kubernetes", "overlays", overlay));
        return new(KubernetesYaml.LoadAllFromString(yaml, null, strict: true));
    }

    /// <summary>The variables that the containers of a pod get, from wherever.</summary>
    public IEnumerable<string> VariablesOf(V1PodTemplateSpec pod) => pod.Spec.Containers.SelectMany(container =>
        (container.Env ?? []).Select(variable => variable.Name).Concat((container.EnvFrom ?? []).SelectMany(KeysOf)));

    /// <summary>The value of a setting in the config maps of a pod.</summary>
    public string? SettingOf(V1PodTemplateSpec pod, string name) => pod.Spec.Containers
        .SelectMany(container => container.EnvFrom ?? [])
        .Select(source => Of<V1ConfigMap>().SingleOrDefault(map => map.Metadata.Name == source.ConfigMapRef?.Name)?.Data.TryGetValue(name, out var value) == true ? value : null)
        .FirstOrDefault(value => value is not null);

    /// <summary>Whether a selector takes in what has these labels.</summary>
    public static bool Selects(IDictionary<string, string> selector, IDictionary<string, string>? labels) =>
        selector.Count > 0 && selector.All(pair => labels is not null && labels.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private IEnumerable<string> KeysOf(V1EnvFromSource source) => source switch
    {
        { ConfigMapRef.Name: { } map } => Of<V1ConfigMap>().Single(one => one.Metadata.Name == map).Data.Keys,
        { SecretRef.Name: { } secret } => Of<V1Secret>().Where(one => one.Metadata.Name == secret).SelectMany(one => one.Data.Keys),
        _ => [],
    };
}
