namespace Phaseo.Orleans.Storage;

/// <summary>Says a home's outages in the words of all: what Orleans' own providers throw there is the home's.</summary>
public interface IStorageOutages
{
    /// <summary>Runs an act of Orleans' own providers.</summary>
    /// <exception cref="StorageUnavailableException">Storage failed; whether the act was carried out is unknown.</exception>
    Task<T> GuardAsync<T>(Func<Task<T>> act);

    /// <inheritdoc cref="GuardAsync{T}(Func{Task{T}})"/>
    Task GuardAsync(Func<Task> act) => GuardAsync(async () =>
    {
        await act();
        return true;
    });
}
