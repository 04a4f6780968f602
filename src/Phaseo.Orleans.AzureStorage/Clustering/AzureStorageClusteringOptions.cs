namespace Orleans.Clustering.AzureStorage;

/// <summary>Options of a silo that finds its cluster by a table in Azure.</summary>
public class AzureStorageClusteringOptions : AzureStorageOperationOptions
{
#pragma warning disable CA1707 // The name that Orleans' own package has.
    public const string DEFAULT_TABLE_NAME = "OrleansSiloInstances";
#pragma warning restore CA1707

    /// <summary>Default: OrleansSiloInstances.</summary>
    public override string TableName { get; set; } = DEFAULT_TABLE_NAME;
}

/// <inheritdoc/>
public class AzureStorageClusteringOptionsValidator(AzureStorageClusteringOptions options, string name)
    : AzureStorageOperationOptionsValidator<AzureStorageClusteringOptions>(options, name);
