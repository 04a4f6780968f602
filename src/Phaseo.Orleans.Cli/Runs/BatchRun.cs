using System.Net;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>
/// One run from the input file to the result files: upload, create, watch, download. Every step is written down before
/// the next, so that a run that stops anywhere is continued by <c>--resume</c>.
/// </summary>
internal sealed class BatchRun(RunRequest request, RunFolder folder, IProgressView view, TimeProvider time)
{
    private readonly RunRecordFile _records = new(folder.RecordPath);

    /// <summary>Runs to the end of the batch. Nothing of the run is left behind then.</summary>
    /// <param name="startServer">Starts or finds the server.</param>
    /// <param name="cancellation">Stops the run; what was written down stays.</param>
    public async Task<RunOutcome> RunAsync(Func<CancellationToken, Task<IServerSession>> startServer, CancellationToken cancellation)
    {
        request.Check();
        var input = await InputFile.ReadAsync(request.Input, cancellation);
        var plan = RunPlan.Decide(request, input, _records.Read());
        if (plan.Remark is { } remark)
        {
            view.Note(remark);
        }

        _records.Write(plan.Record);
        view.Show(new(RunStage.Starting));
        RunOutcome outcome;
        await using (var server = await startServer(cancellation))
        {
            outcome = await RunAsync(server, plan, input, cancellation);
        }

        // After the silo of our own has let go of its folder.
        folder.Clear();
        return outcome;
    }

    private async Task<RunOutcome> RunAsync(IServerSession server, RunPlan plan, InputFile input, CancellationToken cancellation)
    {
        if (plan.CancelFirst is { } old)
        {
            await CancelAsync(server.Client, old, cancellation);
        }

        var started = time.GetTimestamp();
        var batchId = plan.Record.BatchId ?? await CreateAsync(server.Client, plan.Record, input, cancellation);
        var watch = await new BatchWatch(server, view, time).WaitAsync(batchId, cancellation);
        var elapsed = time.GetElapsedTime(started);
        var saved = await SaveAsync(server.Client, watch.Batch, cancellation);
        return new(watch.Batch, saved, elapsed, watch.RowsSeen, watch.CostNanos);
    }

    private async Task<string> CreateAsync(PhaseoClient client, RunRecord record, InputFile input, CancellationToken cancellation)
    {
        if (record.FileId is null)
        {
            view.Show(new(RunStage.Uploading, 0, input.Bytes));
            // A key of this process: a second copy of the file does no harm, and the claim of a process that was
            // killed in the middle of its upload would be waited for.
            var fileId = await client.UploadAsync(
                request.Input,
                $"{record.IdempotencyKey}-{Guid.NewGuid():N}",
                sent => view.Show(new(RunStage.Uploading, sent, input.Bytes)),
                cancellation);
            record = record with { FileId = fileId };
            _records.Write(record);
        }

        view.Show(new(RunStage.Validating));
        var asked = new NewBatch { InputFileId = record.FileId, Endpoint = record.Endpoint, CompletionWindow = record.Window };
        try
        {
            var batch = await client.CreateBatchAsync(asked, record.IdempotencyKey + "-batch", cancellation);
            _records.Write(record with { BatchId = batch.Id });
            return batch.Id;
        }
        catch (PhaseoApiException e) when (e.Status is { } status && (int)status is >= 400 and < 500)
        {
            // Refused for good: the next run starts from nothing.
            _records.Remove();
            throw;
        }
    }

    private async Task CancelAsync(PhaseoClient client, string batchId, CancellationToken cancellation)
    {
        try
        {
            await client.CancelBatchAsync(batchId, cancellation);
            view.Note($"Cancelled {batchId}.");
        }
        catch (PhaseoApiException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It is gone or has ended by itself: as good as cancelled.
        }
    }

    private async Task<SavedResults> SaveAsync(PhaseoClient client, BatchInfo batch, CancellationToken cancellation)
    {
        // A batch without any file never ran: what an earlier run left beside the input stays.
        if (batch.OutputFileId is null && batch.ErrorFileId is null)
        {
            return new(null, null, false);
        }

        view.Show(new(RunStage.Downloading));
        return await new ResultFiles(client).SaveAsync(
            batch, request.Output, request.Errors, received => view.Show(new(RunStage.Downloading, received)), cancellation);
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Batch">The terminal batch.</param>
/// <param name="Saved">Its files.</param>
/// <param name="Elapsed">From the upload, or from going on, to the terminal state.</param>
/// <param name="RowsSeen">Rows that ended in that time.</param>
/// <param name="CostNanos">What it cost, or null where the server does not say.</param>
internal sealed record RunOutcome(BatchInfo Batch, SavedResults Saved, TimeSpan Elapsed, long RowsSeen, long? CostNanos)
{
    /// <summary>Rows a second, or null.</summary>
    public double? RowsPerSecond => RowsSeen > 0 && Elapsed > TimeSpan.Zero ? RowsSeen / Elapsed.TotalSeconds : null;
}
