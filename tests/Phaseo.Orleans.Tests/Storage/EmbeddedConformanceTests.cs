using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage;

public sealed class EmbeddedBlobStoreTests : BlobStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedJournalStoreTests : JournalStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedBatchIndexTests : BatchIndexConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedOpenBatchesTests : OpenBatchesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedFileRecordsTests : FileRecordsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedFileReferencesTests : FileReferencesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}

public sealed class EmbeddedClaimRowsTests : ClaimRowsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => EmbeddedHome.OpenAsync();
}
