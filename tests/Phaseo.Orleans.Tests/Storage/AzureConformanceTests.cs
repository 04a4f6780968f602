using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage;

public sealed class AzureBlobStoreTests(Azurite azurite) : BlobStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureJournalStoreTests(Azurite azurite) : JournalStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureBatchIndexTests(Azurite azurite) : BatchIndexConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureOpenBatchesTests(Azurite azurite) : OpenBatchesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureFileRecordsTests(Azurite azurite) : FileRecordsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureFileReferencesTests(Azurite azurite) : FileReferencesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}

public sealed class AzureClaimRowsTests(Azurite azurite) : ClaimRowsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => AzureStoresHome.OpenAsync(azurite);
}
