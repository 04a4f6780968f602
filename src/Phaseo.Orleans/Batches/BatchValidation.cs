using Microsoft.Extensions.Options;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Checks a batch's input off the grain's scheduler (the one exception to "no Task.Run" in a grain: it is pure
/// computation over a file, and may take seconds) and stores what it found.
/// </summary>
internal sealed class BatchValidation(
    IBlobStore blobs, BatchModelChecks models, IOptions<BatchOptions> options, TimeProvider time)
{
    private readonly BatchWorkFiles _files = new(blobs);

    /// <summary>What follows from the input.</summary>
    public async Task<BatchEvent> ValidateAsync(BatchState batch, CancellationToken cancellation)
    {
        var submission = batch.Submission!;
        var report = await Task.Run(
            () => RequestFileValidator.ValidateAsync(
                (offset, length, token) => blobs.OpenReadAsync(submission.InputBlob, offset, length, token),
                submission.Request.Endpoint,
                Limits(),
                models.For(submission.Request),
                cancellation),
            cancellation);
        FailPoint.Reach("K4");
        if (!report.Faults.IsEmpty)
        {
            var faults = await _files.WriteFaultsAsync(batch.Workspace, batch.Id, report.Faults, cancellation);
            return new BatchEvent.ValidationFailed(faults, time.GetUtcNow());
        }

        var plan = report.Shards.Length == 1
            ? null
            : await _files.WritePlanAsync(batch.Workspace, batch.Id, report.Shards, cancellation);
        return new BatchEvent.Validated(
            report.Rows, report.Model, report.Shards.Length, plan, plan is null ? report.Shards[0] : null, time.GetUtcNow());
    }

    // Above a hundred thousand rows larger shards keep their number, and the state that tells of them, small.
    private ValidationLimits Limits() => options.Value.MaxRows <= 100_000
        ? new() { MaxRows = options.Value.MaxRows }
        : new() { MaxRows = options.Value.MaxRows, ShardRows = 1000, ShardBytes = 8 * 1024 * 1024 };
}
