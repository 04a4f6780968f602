using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>An account of Azure Storage, and names in it that no other test has.</summary>
public sealed record AzureAccount(string ConnectionString)
{
    /// <summary>A table name that nobody else has.</summary>
    public static string NewTable() => $"t{Guid.NewGuid():N}";

    /// <summary>A container name, or anything else, that nobody else has.</summary>
    public static string NewName(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    /// <summary>A client of tables whose every call passes through the policy.</summary>
    public TableServiceClient Tables(HttpPipelinePolicy? policy = null)
    {
        var options = new TableClientOptions();
        if (policy is not null)
        {
            options.AddPolicy(policy, Azure.Core.HttpPipelinePosition.PerCall);
        }

        return new TableServiceClient(ConnectionString, options);
    }

    /// <summary>A client of blobs whose every call passes through the policy.</summary>
    public BlobServiceClient Blobs(HttpPipelinePolicy? policy = null)
    {
        var options = new BlobClientOptions();
        if (policy is not null)
        {
            options.AddPolicy(policy, Azure.Core.HttpPipelinePosition.PerCall);
        }

        return new BlobServiceClient(ConnectionString, options);
    }
}
