using System.Data.Common;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>Says an outage of the database in the words of every home.</summary>
internal static class SqliteOutages
{
    /// <summary>Runs an act of Orleans' own providers.</summary>
    /// <exception cref="StorageUnavailableException">The database failed; whether the act was carried out is unknown.</exception>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (DbException e)
        {
            throw new StorageUnavailableException("The database could not be used.", e);
        }
    }

    /// <inheritdoc cref="GuardAsync{T}(Func{Task{T}})"/>
    public static Task GuardAsync(Func<Task> act) => GuardAsync(async () =>
    {
        await act();
        return true;
    });
}
