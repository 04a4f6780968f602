using Microsoft.Extensions.Options;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Checks a batch's input off the grain's scheduler (the one exception to "no Task.Run" in a grain: it is pure
/// computation over a file, and may take seconds) and stores what it found.
/// </summary>
internal sealed class BatchValidation(
    IBlobStore blobs, BatchModelChecks models, PriceLists prices, IOptions<BatchOptions> options, TimeProvider time)
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
                new ValidationLimits { MaxRows = options.Value.MaxRows }.ForFile(submission.InputBytes, submission.InputLines),
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
        var list = await prices.KeepAsync(cancellation);
        return new BatchEvent.Validated(
            report.Rows, report.Model, report.Shards.Length, plan, plan is null ? report.Shards[0] : null, time.GetUtcNow())
        {
            Prices = list,
        };
    }
}
