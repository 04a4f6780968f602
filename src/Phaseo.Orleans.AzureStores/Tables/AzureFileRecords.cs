using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>
/// File records as two rows each, written together: partition workspace, one row by id and one in descending order,
/// because files are listed both ways.
/// </summary>
internal sealed class AzureFileRecords(AzureHome home) : IFileRecords
{
    private const string Ascending = "a";
    private const string Descending = "d";

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(FileRecord record, CancellationToken cancellation)
    {
        var rows = Encode(record).Select(row => new TableTransactionAction(TableTransactionActionType.Add, row));

        // A refusal may be the client's second try meeting its first, whose answer was lost.
        return await home.Records.TryTogetherAsync(rows, cancellation).ConfigureAwait(false)
            || await IsOursAsync(record, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<FileRecord?> GetAsync(string workspace, string fileId, CancellationToken cancellation) =>
        await home.Records.FindAsync(workspace, Ascending + fileId, cancellation).ConfigureAwait(false) is { } row ? Decode(row) : null;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FileRecord>> ListAsync(FileQuery query, CancellationToken cancellation)
    {
        var (first, end) = query.Descending ? (Descending, "e") : (Ascending, "b");
        if (query.After is { } after)
        {
            first = query.Descending ? Descending + TableKeys.Descending(after) : Ascending + after;
        }

        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {query.Workspace} and RowKey gt {first} and RowKey lt {end} and Hidden eq {false} and ExpiresAt gt {query.Now.UtcTicks}");
        if (query.Purpose is { } purpose)
        {
            filter += " and " + TableClient.CreateQueryFilter($"Purpose eq {purpose}");
        }

        return await home.Records.QueryRowsAsync(filter, cancellation)
            .Take(query.Limit).Select(Decode).ToListAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> HideAsync(string workspace, string fileId, CancellationToken cancellation)
    {
        while (await home.Records.FindAsync(workspace, Ascending + fileId, cancellation).ConfigureAwait(false) is { } stored)
        {
            if (stored.GetBoolean("Hidden") == true)
            {
                return false;
            }

            // The first row is the record; its tag guards both.
            var rows = Encode(Decode(stored) with { Hidden = true });
            TableTransactionAction[] acts =
            [
                new(TableTransactionActionType.UpdateReplace, rows[0], stored.ETag),
                new(TableTransactionActionType.UpdateReplace, rows[1], ETag.All),
            ];
            if (await home.Records.TryTogetherAsync(acts, cancellation).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileRecord> ListDeadAsync(DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"RowKey lt {"b"} and (Hidden eq {true} or ExpiresAt le {now.UtcTicks})");
        await foreach (var row in home.Records.QueryRowsAsync(filter, cancellation).ConfigureAwait(false))
        {
            yield return Decode(row);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> NamesBlobAsync(string workspace, string blobName, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {workspace} and RowKey lt {"b"} and BlobName eq {blobName}");
        return await home.Records.QueryRowsAsync(filter, cancellation).AnyAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string workspace, string fileId, CancellationToken cancellation)
    {
        TableTransactionAction[] acts =
        [
            new(TableTransactionActionType.Delete, new TableEntity(workspace, Ascending + fileId), ETag.All),
            new(TableTransactionActionType.Delete, new TableEntity(workspace, Descending + TableKeys.Descending(fileId)), ETag.All),
        ];
        await home.Records.TryTogetherAsync(acts, cancellation).ConfigureAwait(false);
    }

    private static TableEntity[] Encode(FileRecord record) =>
    [
        Encode(record, Ascending + record.Id),
        Encode(record, Descending + TableKeys.Descending(record.Id)),
    ];

    private static TableEntity Encode(FileRecord record, string row) => new(record.Workspace, row)
    {
        ["FileId"] = record.Id,
        ["BlobName"] = record.BlobName,
        ["Bytes"] = record.Bytes,
        ["Lines"] = record.Lines,
        ["CreatedAt"] = record.CreatedAt.UtcTicks,
        ["ExpiresAt"] = record.ExpiresAt.UtcTicks,
        ["Filename"] = record.Filename,
        ["Purpose"] = record.Purpose,
        ["Hidden"] = record.Hidden,
    };

    private static FileRecord Decode(TableEntity row) => new(
        row.PartitionKey,
        row.GetString("FileId"),
        row.GetString("BlobName"),
        row.GetInt64("Bytes")!.Value,
        row.GetInt64("Lines")!.Value,
        row.Time("CreatedAt"),
        row.Time("ExpiresAt"),
        row.GetString("Filename"),
        row.GetString("Purpose"),
        row.GetBoolean("Hidden")!.Value);

    private async Task<bool> IsOursAsync(FileRecord record, CancellationToken cancellation) =>
        await GetAsync(record.Workspace, record.Id, cancellation).ConfigureAwait(false) == record;
}
