using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>
/// Connections for Orleans' own providers. Each holds the database's write gate from opening to closing, because
/// neither says beforehand whether it will write; that is one statement, so nobody waits long.
/// </summary>
internal sealed class GatedSqliteDataSource : DbDataSource
{
    private readonly SemaphoreSlim _gate;

    /// <summary>Makes connections to the folder's database; they are pooled, since Orleans opens one per statement.</summary>
    public GatedSqliteDataSource(DataFolder folder, SqliteDatabase database)
    {
        _gate = database.WriteGate;
        ConnectionString = new SqliteConnectionStringBuilder { DataSource = folder.DatabasePath, Pooling = true }.ToString();
    }

    /// <inheritdoc/>
    public override string ConnectionString { get; }

    /// <inheritdoc/>
    protected override DbConnection CreateDbConnection() => new GatedConnection(ConnectionString, _gate);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ClearPool();
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        ClearPool();
        return base.DisposeAsyncCore();
    }

    // A pooled connection would keep its hold on the file after the folder's lock is gone.
    private void ClearPool()
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    private sealed class GatedConnection(string connectionString, SemaphoreSlim gate) : SqliteConnection(connectionString)
    {
        private int _holds;

        public override void Open()
        {
            gate.Wait();
            OpenInside();
        }

        public override async Task OpenAsync(CancellationToken cancellationToken)
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            OpenInside();
        }

        public override void Close()
        {
            base.Close();
            Release();
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Release();
        }

        private void OpenInside()
        {
            Volatile.Write(ref _holds, 1);
            try
            {
                base.Open();
                SqliteDatabase.Configure(this);
            }
            catch
            {
                Release();
                throw;
            }
        }

        private void Release()
        {
            if (Interlocked.Exchange(ref _holds, 0) == 1)
            {
                gate.Release();
            }
        }
    }
}
