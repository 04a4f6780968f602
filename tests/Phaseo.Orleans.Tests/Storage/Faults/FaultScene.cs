using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage.Faults;

/// <summary>The same stores of an account twice: as one who meets faults has them, and as one who meets none.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private readonly SwitchedScript _script;

    private FaultScene(SwitchedScript script, StorageHome home) => (_script, Home) = (script, home);

    /// <summary>The stores; whether they meet faults is <see cref="AreFaulty"/>'s to say.</summary>
    public StorageHome Home { get; }

    /// <summary>Whether requests go wrong from now on.</summary>
    public bool AreFaulty
    {
        set => _script.IsOn = value;
    }

    /// <summary>A clean account; faults of one kind hit so many of its calls once they are switched on.</summary>
    public static async Task<FaultScene> StartAsync(Azurite azurite, StorageFault kind, double lasting, double share = 0.4)
    {
        var script = new SwitchedScript(new()
        {
            Seed = (ulong)kind,
            Shares = new Dictionary<StorageFault, double> { [kind] = share },
            Lasting = lasting,
            Longest = TimeSpan.FromMilliseconds(150),
        });
        return new(script, await AzureStoresHome.OpenAsync(azurite, script.Read));
    }

    /// <summary>Repeats an act that must happen, as the product does.</summary>
    public static Task<T> UntilAnsweredAsync<T>(Func<Task<T>> act) =>
        StorageRetry.UntilAnsweredAsync(TimeProvider.System, _ => act(), TestContext.Current.CancellationToken);

    /// <inheritdoc cref="UntilAnsweredAsync{T}"/>
    public static Task UntilAnsweredAsync(Func<Task> act) => UntilAnsweredAsync(async () =>
    {
        await act();
        return true;
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Home.DisposeAsync();

    private sealed class SwitchedScript(StorageFaultScript faults)
    {
        public bool IsOn { get; set; }

        public StorageFaultScript Read() => IsOn ? faults : StorageFaultScript.Quiet;
    }
}
