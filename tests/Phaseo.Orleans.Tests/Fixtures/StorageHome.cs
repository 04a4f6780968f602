using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>One home of storage under test, whichever it is.</summary>
public abstract class StorageHome : IAsyncDisposable
{
    public IBlobStore Blobs => Services.GetRequiredService<IBlobStore>();

    public IJournalStore Journals => Services.GetRequiredService<IJournalStore>();

    public IBatchIndex Index => Services.GetRequiredService<IBatchIndex>();

    public IOpenBatches Open => Services.GetRequiredService<IOpenBatches>();

    public IFileRecords Files => Services.GetRequiredService<IFileRecords>();

    public IFileReferences References => Services.GetRequiredService<IFileReferences>();

    public IClaimRows Claims => Services.GetRequiredService<IClaimRows>();

    /// <summary>The home as it is open now.</summary>
    protected abstract IServiceProvider Services { get; }

    /// <summary>Forgets everything held in memory and opens the same storage again, as a new process would.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();
}
