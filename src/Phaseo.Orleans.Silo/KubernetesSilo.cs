using System.Runtime.CompilerServices;

namespace Phaseo.Orleans.Silo;

/// <summary>
/// In a cluster of Kubernetes the silo also listens to it: the silo of a pod that was removed is dead at once, without
/// waiting for probes to be missed.
/// </summary>
internal static class KubernetesSilo
{
    // Kubernetes sets the first in every pod. The others are set by whoever also lets the pod see its neighbours.
    private static readonly string[] Variables = ["KUBERNETES_SERVICE_HOST", "POD_NAMESPACE", "POD_NAME"];

    /// <summary>Listens, if the silo runs in a pod that was told who it is.</summary>
    public static void UseKubernetes(this ISiloBuilder silo, IConfiguration configuration)
    {
        if (Array.TrueForAll(Variables, name => !string.IsNullOrEmpty(configuration[name])))
        {
            Listen(silo);
        }
    }

    // Elsewhere the large library is not even loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Listen(ISiloBuilder silo) => silo.UseKubernetesHosting();
}
