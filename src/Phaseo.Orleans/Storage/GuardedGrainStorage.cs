using Orleans.Storage;

namespace Phaseo.Orleans.Storage;

/// <summary>One of Orleans' grain storages, with outages said as in every home.</summary>
public sealed class GuardedGrainStorage(IGrainStorage inner, IStorageOutages outages) : IGrainStorage
{
    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        outages.GuardAsync(() => inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken));

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        outages.GuardAsync(() => inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken));

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        outages.GuardAsync(() => inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken));
}
