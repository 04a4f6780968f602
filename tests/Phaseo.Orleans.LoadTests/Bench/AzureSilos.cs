using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>How silos of a benchmark are told to use the emulator of Azure Storage.</summary>
internal static class AzureSilos
{
    private const string Cluster = "bench";

    /// <summary>What <c>phaseo serve</c> is told. An emulator has room for one cluster of a benchmark.</summary>
    public static IReadOnlyList<string> Storage(AzuriteProcess azurite) =>
    [
        "--storage", "azure", "--connection", azurite.ConnectionString, "--storage-prefix", Cluster, "--cluster-id", Cluster, "--service-id", Cluster,
    ];
}
