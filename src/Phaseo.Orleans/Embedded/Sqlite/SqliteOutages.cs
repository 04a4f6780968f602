using System.Data.Common;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>Says an outage of the database in the words of every home.</summary>
internal sealed class SqliteOutages : IStorageOutages
{
    /// <inheritdoc/>
    public async Task<T> GuardAsync<T>(Func<Task<T>> act)
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
}
