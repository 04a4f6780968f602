namespace Phaseo.Orleans.Storage;

/// <summary>
/// Names of grain storage providers, the same in every home. Keys in storage are made of the state's name and the
/// grain's key, not of the grain's type: two grain types need two state names.
/// </summary>
public static class GrainStorageNames
{
    /// <summary>Where all grains of the product keep their state.</summary>
    public const string Phaseo = "phaseo";
}
