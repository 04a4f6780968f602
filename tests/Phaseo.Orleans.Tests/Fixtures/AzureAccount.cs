using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Phaseo.Orleans.AzureStores.Faults;

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
            options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        return new TableServiceClient(ConnectionString, options);
    }

    /// <summary>A client of blobs whose every call passes through the policy.</summary>
    public BlobServiceClient Blobs(HttpPipelinePolicy? policy = null)
    {
        var options = new BlobClientOptions();
        if (policy is not null)
        {
            options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        return new BlobServiceClient(ConnectionString, options);
    }

    /// <summary>A client of tables that meets faults, and tries again at once as often as others do after a while.</summary>
    internal TableServiceClient Tables(Func<StorageFaultScript> faults) =>
        new(ConnectionString, Faulty(new TableClientOptions(), faults));

    /// <summary>A client of blobs that meets faults, and tries again at once as often as others do after a while.</summary>
    internal BlobServiceClient Blobs(Func<StorageFaultScript> faults) =>
        new(ConnectionString, Faulty(new BlobClientOptions(), faults));

    private static T Faulty<T>(T options, Func<StorageFaultScript> faults)
        where T : ClientOptions
    {
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(5);
        options.AddPolicy(new StorageFaultPolicy(faults), HttpPipelinePosition.BeforeTransport);
        return options;
    }
}
