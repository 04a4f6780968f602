using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage;

/// <summary>What every conformance test starts from: a home and a workspace that no other test uses.</summary>
public abstract class StorageConformance : IAsyncLifetime
{
    protected StorageHome Home { get; private set; } = null!;

    protected string Workspace { get; } = "ws-" + Guid.NewGuid().ToString("N");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Home = await OpenHomeAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Home.DisposeAsync();
    }

    protected abstract Task<StorageHome> OpenHomeAsync();
}
