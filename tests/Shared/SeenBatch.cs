using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>A batch as its client sees it: every read, and copies of its files as soon as their ids were seen.</summary>
/// <param name="id"><c>batch_…</c>.</param>
/// <param name="client">Who reads.</param>
/// <param name="folder">Where copies go.</param>
internal sealed class SeenBatch(string id, BatchClient client, string folder)
{
    private readonly List<BatchReading> _seen = [];
    private readonly Dictionary<string, string> _firstCopies = [];

    /// <summary><c>batch_…</c>.</summary>
    public string Id => id;

    /// <summary>What the last read showed; null before the first.</summary>
    public BatchReading? Last => _seen.Count == 0 ? null : _seen[^1];

    /// <summary>Reads the batch; null: the server has gone.</summary>
    public Task<BatchReading?> ReadAsync() => UnlessGoneAsync(() => client.GetAsync(id));

    /// <summary>Asks the batch to stop; null: the server has gone.</summary>
    public Task<BatchReading?> CancelAsync() => UnlessGoneAsync(() => client.CancelAsync(id));

    /// <summary>Whether the list shows the batch just as a read does.</summary>
    public async Task<bool> IsListedAsItIsAsync()
    {
        var batch = await client.GetAsync(id);
        var listed = (await client.ListAsync()).SingleOrDefault(item => item.GetProperty("id").GetString() == id);
        return listed.ValueKind == JsonValueKind.Object && listed.GetRawText() == batch.GetRawText();
    }

    /// <summary>Reads the terminal batch once more, and copies its files.</summary>
    public async Task<BatchEvidence> GatherAsync(string inputPath)
    {
        var last = BatchReading.From(await client.GetAsync(id));
        _seen.Add(last);
        return new()
        {
            BatchId = id,
            InputPath = inputPath,
            Seen = _seen,
            OutputPath = await CopyAsync(last.OutputFileId, "last"),
            ErrorPath = await CopyAsync(last.ErrorFileId, "last"),
            FirstOutputPath = FirstCopy(last.OutputFileId),
            FirstErrorPath = FirstCopy(last.ErrorFileId),
        };
    }

    private async Task<BatchReading?> UnlessGoneAsync(Func<Task<JsonElement>> ask)
    {
        try
        {
            var seen = BatchReading.From(await ask());
            _seen.Add(seen);
            await CopyFirstAsync(seen.OutputFileId);
            await CopyFirstAsync(seen.ErrorFileId);
            return seen;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
        {
            return null;
        }
    }

    private async Task CopyFirstAsync(string? fileId)
    {
        if (fileId is not null && !_firstCopies.ContainsKey(fileId) && await CopyAsync(fileId, "first") is { } path)
        {
            _firstCopies.Add(fileId, path);
        }
    }

    private string? FirstCopy(string? fileId) => fileId is null ? null : _firstCopies.GetValueOrDefault(fileId);

    private async Task<string?> CopyAsync(string? fileId, string which)
    {
        if (fileId is null)
        {
            return null;
        }

        var path = Path.Combine(folder, $"{which}-{fileId}");
        await client.DownloadAsync(fileId, path);
        return path;
    }
}
