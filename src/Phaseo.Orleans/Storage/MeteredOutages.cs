namespace Phaseo.Orleans.Storage;

/// <summary>Acts of one of Orleans' own providers, measured under one name.</summary>
public sealed class MeteredOutages(IStorageOutages inner, string operation, StorageMeter meter) : IStorageOutages
{
    /// <summary>What grain state is measured under.</summary>
    public const string GrainState = "grain_state";

    /// <summary>What reminders are measured under.</summary>
    public const string Reminders = "reminders";

    /// <inheritdoc/>
    public Task<T> GuardAsync<T>(Func<Task<T>> act) => meter.MeasureAsync(operation, () => inner.GuardAsync(act));
}
