using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores;

/// <summary>Says what Orleans' own providers meet in Azure Storage as an outage of this home.</summary>
public sealed class AzureOutages : IStorageOutages
{
    /// <inheritdoc/>
    public Task<T> GuardAsync<T>(Func<Task<T>> act) => AzureCalls.RunAsync("grain state or reminders", act);
}
