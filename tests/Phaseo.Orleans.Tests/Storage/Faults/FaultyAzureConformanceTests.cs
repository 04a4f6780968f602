using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage.Faults;

/// <summary>An account of which every third request is refused or slow: nobody may notice but by the time it takes.</summary>
internal static class WeakAccount
{
    private static readonly StorageFaultScript Script = new()
    {
        Seed = 1,
        Shares = new Dictionary<StorageFault, double> { [StorageFault.Refused] = 0.2, [StorageFault.Slow] = 0.1 },
        Longest = TimeSpan.FromMilliseconds(20),
    };

    public static Task<StorageHome> OpenAsync(Azurite azurite) => AzureStoresHome.OpenAsync(azurite, () => Script);
}

public sealed class FaultyAzureBlobStoreTests(Azurite azurite) : BlobStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureJournalStoreTests(Azurite azurite) : JournalStoreConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureBatchIndexTests(Azurite azurite) : BatchIndexConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureOpenBatchesTests(Azurite azurite) : OpenBatchesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureFileRecordsTests(Azurite azurite) : FileRecordsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureFileReferencesTests(Azurite azurite) : FileReferencesConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}

public sealed class FaultyAzureClaimRowsTests(Azurite azurite) : ClaimRowsConformance
{
    protected override Task<StorageHome> OpenHomeAsync() => WeakAccount.OpenAsync(azurite);
}
