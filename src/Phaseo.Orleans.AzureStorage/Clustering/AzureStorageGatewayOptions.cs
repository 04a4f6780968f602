namespace Orleans.Clustering.AzureStorage;

/// <summary>Options of a client that finds its cluster by a table in Azure.</summary>
public class AzureStorageGatewayOptions : AzureStorageOperationOptions
{
    /// <summary>Default: OrleansSiloInstances.</summary>
    public override string TableName { get; set; } = AzureStorageClusteringOptions.DEFAULT_TABLE_NAME;
}

/// <inheritdoc/>
public class AzureStorageGatewayOptionsValidator(AzureStorageGatewayOptions options, string name)
    : AzureStorageOperationOptionsValidator<AzureStorageGatewayOptions>(options, name);
