using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Load;

/// <summary>One batch of a load run, from its rows to the evidence for the oracle.</summary>
/// <param name="client">How to reach the engine.</param>
/// <param name="folder">A folder of its own.</param>
/// <param name="rows">How many rows.</param>
/// <param name="seed">What the rows depend on.</param>
internal sealed class LoadBatch(EngineClient client, string folder, int rows, int seed)
{
    /// <summary>The least rows of a shard: bounds how many journals there were.</summary>
    private const int RowsPerShard = 500;

    private readonly List<BatchReading> _seen = [];
    private string _fileId = "";
    /// <summary>The batch; empty before its creation was answered.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The last read; null before the first.</summary>
    public BatchReading? Last => _seen.LastOrDefault();

    private string Input => Path.Combine(folder, "input");

    /// <summary>Uploads, creates, and reads the batch until it is terminal.</summary>
    /// <param name="cancelAt">Ask it to stop once it shows that many answered rows; null: never.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<BatchView> RunAsync(int? cancelAt, CancellationToken cancellation)
    {
        var endpoint = seed % 4 == 0 ? "/v1/embeddings" : "/v1/chat/completions";
        Directory.CreateDirectory(folder);
        await new RequestRows { Seed = seed, Endpoint = endpoint, LineBytes = 200 + (seed % 7 * 300) }.WriteAsync(Input, rows, cancellation);
        _fileId = await client.UploadAsync(Input, cancellation);
        Id = await client.CreateAsync(_fileId, endpoint, cancellation);
        var asked = false;
        var last = await client.UntilTerminalAsync(Id, See, cancellation);
        await CopyAsync(last, "first", cancellation);
        return last;

        void See(BatchView view)
        {
            var reading = BatchReading.From(view);
            if (_seen.Count == 0 || _seen[^1] != reading)
            {
                _seen.Add(reading);
            }

            if (!asked && cancelAt <= view.Completed && view.Status == BatchStatus.InProgress)
            {
                asked = true;
                Cancelling = client.CancelAsync(Id, cancellation);
            }
        }
    }

    /// <summary>The cancel's own answer, if it was asked for.</summary>
    public Task Cancelling { get; private set; } = Task.CompletedTask;

    /// <summary>Reads batch and files once more: what the oracle looks at.</summary>
    public async Task<BatchEvidence> CollectAsync(CancellationToken cancellation)
    {
        var last = await client.GetAsync(Id, cancellation);
        _seen.Add(BatchReading.From(last));
        var (output, errors) = await CopyAsync(last, "last", cancellation);
        return new BatchEvidence
        {
            BatchId = Id,
            InputPath = Input,
            Seen = _seen,
            OutputPath = output,
            ErrorPath = errors,
            FirstOutputPath = last.OutputFileId is null ? null : PathOf("first", "output"),
            FirstErrorPath = last.ErrorFileId is null ? null : PathOf("first", "errors"),
        };
    }

    /// <summary>What is left of it that should not be.</summary>
    public async Task<IReadOnlyList<Violation>> FindRemainsAsync(Remains remains, CancellationToken cancellation) =>
        await remains.FindAsync(EngineClient.Workspace, Id, _fileId, 1 + (rows / RowsPerShard), cancellation);

    private async Task<(string? Output, string? Errors)> CopyAsync(BatchView batch, string when, CancellationToken cancellation)
    {
        string? output = null;
        if (batch.OutputFileId is not null)
        {
            await client.CopyOutAsync(BlobNames.Output(EngineClient.Workspace, Id), output = PathOf(when, "output"), cancellation);
        }

        string? errors = null;
        if (batch.ErrorFileId is not null)
        {
            await client.CopyOutAsync(BlobNames.Errors(EngineClient.Workspace, Id), errors = PathOf(when, "errors"), cancellation);
        }

        return (output, errors);
    }

    private string PathOf(string when, string name) => Path.Combine(folder, $"{when}-{name}");
}
