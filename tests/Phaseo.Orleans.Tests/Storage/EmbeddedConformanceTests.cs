using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage;

public sealed class EmbeddedBlobStoreTests : BlobStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => Task.FromResult<StorageHome>(new EmbeddedHome());
}

public sealed class EmbeddedJournalStoreTests : JournalStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => Task.FromResult<StorageHome>(new EmbeddedHome());
}
