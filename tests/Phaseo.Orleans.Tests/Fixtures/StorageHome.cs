using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>One home of storage under test, whichever it is.</summary>
public abstract class StorageHome : IAsyncDisposable
{
    public abstract IBlobStore Blobs { get; }

    public abstract IJournalStore Journals { get; }

    public abstract IBatchIndex Index { get; }

    public abstract IOpenBatches Open { get; }

    public abstract IFileRecords Files { get; }

    public abstract IFileReferences References { get; }

    public abstract IClaimRows Claims { get; }

    /// <summary>Forgets everything held in memory and opens the same storage again, as a new process would.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();
}
