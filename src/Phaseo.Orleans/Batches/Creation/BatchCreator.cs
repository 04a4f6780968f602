using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>
/// Creates batches: claim → reference → file check → open row → (in the grain) reminder, state, index → answer.
/// Every step may be repeated under the same batch id, so whoever takes over a create starts at the beginning, and
/// whatever a crash leaves behind has the id on it by which <c>AbandonedSweep</c> finds it.
/// </summary>
public sealed partial class BatchCreator(
    IGrainFactory grains,
    IFileReferences references,
    IFileRecords files,
    IOpenBatches open,
    TimeProvider time,
    ILogger<BatchCreator> logger)
{
    private const int MaxRounds = 4;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private readonly CreateSteps _steps = new(grains, references, files, open, time);

    /// <summary>
    /// Creates the batch or finds the one that an earlier identical request created. Once the claim is made, the
    /// create goes on to its end even if the client leaves: an identical request is given the result.
    /// </summary>
    public async Task<BatchCreation> CreateAsync(CreateBatch request, CancellationToken cancellation)
    {
        if (!Ids.IsFile(request.Request.InputFileId))
        {
            return new BatchCreation.BadFile();
        }

        var claim = ClaimOf(request);
        ClaimHold? missing = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (await claim.ClaimAsync(Ask(request, missing)))
            {
                case ClaimAnswer.Run run:
                    return await MakeAsync(claim, run.Hold, request);
                case ClaimAnswer.Look look when await Batch(look.Hold).GetAsync() is { } batch:
                    return new BatchCreation.Created(FirstAnswer.Of(batch), IsReplay: true);
                case ClaimAnswer.Look look:
                    missing = look.Hold;
                    break;
                case ClaimAnswer.Wait wait:
                    return new BatchCreation.InProgress(wait.RetryAfter);
                case ClaimAnswer.OtherBody:
                    return new BatchCreation.KeyReused();
            }
        }

        return new BatchCreation.InProgress(Soon);
    }

    /// <summary>
    /// Notes that the answer was fully written. Until then the next identical request without a key gets this batch,
    /// since its client cannot know of it.
    /// </summary>
    public Task MarkDeliveredAsync(CreateBatch request, string batchId) => ClaimOf(request).DeliverAsync(batchId);

    private async Task<BatchCreation> MakeAsync(IIdempotencyGrain claim, ClaimHold first, CreateBatch request)
    {
        var hold = first;
        try
        {
            for (var round = 0; round < MaxRounds; round++)
            {
                FailPoint.Reach("K2a");
                if (await _steps.HoldFileAsync(request, hold.Id) is not { } file)
                {
                    return await RefuseAsync(claim, hold, request);
                }

                if (await _steps.SubmitAsync(request, file, hold.Id) is { } batch)
                {
                    FailPoint.Reach("K3");
                    return new BatchCreation.Created(FirstAnswer.Of(batch), IsReplay: false);
                }

                // Abandoned: somebody took us for dead. The new id is in the claim before anything else has it.
                var abandoned = hold.Id;
                var renamed = await claim.RenameAsync(hold, Ids.NewBatch(time.GetUtcNow()));
                await _steps.UndoAsync(request.Workspace, file.Id, abandoned);
                if (renamed is null)
                {
                    break;
                }

                hold = renamed;
            }

            return new BatchCreation.InProgress(Soon);
        }
        catch (Exception)
        {
            await LetGoAsync(claim, hold);
            throw;
        }
    }

    /// <summary>
    /// The file will not do. Under this id nothing may stay or come later: if somebody else may be at work under it,
    /// it is abandoned first, and if that comes too late, the batch is there and is the answer.
    /// </summary>
    private async Task<BatchCreation> RefuseAsync(IIdempotencyGrain claim, ClaimHold hold, CreateBatch request)
    {
        var batch = Batch(hold);
        if (hold.Revision > 1 && !await batch.AbandonAsync(request.Workspace))
        {
            return await batch.GetAsync() is { } found
                ? new BatchCreation.Created(FirstAnswer.Of(found), IsReplay: true)
                : throw new UnreachableException("A batch that cannot be abandoned has a state.");
        }

        if (!await claim.ReleaseAsync(hold) && hold.Revision == 1)
        {
            // Taken over meanwhile; the new holder may have found the file in time and needs the reference.
            return new BatchCreation.InProgress(Soon);
        }

        await _steps.UndoAsync(request.Workspace, request.Request.InputFileId, hold.Id);
        return new BatchCreation.BadFile();
    }

    private async Task LetGoAsync(IIdempotencyGrain claim, ClaimHold hold)
    {
        try
        {
            await claim.LetGoAsync(hold);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next request then waits until the claim is old enough; the first failure is the one to report.
            LogClaimKept(hold.Id, e);
        }
    }

    private IBatchGrain Batch(ClaimHold hold) => grains.GetGrain<IBatchGrain>(hold.Id);

    private IIdempotencyGrain ClaimOf(CreateBatch request) => grains.GetGrain<IIdempotencyGrain>(ClaimKey.Of(
        request.Workspace, request.Route, request.IdempotencyKey, request.ApiKeyId, request.BodyHash));

    private ClaimRequest Ask(CreateBatch request, ClaimHold? missing) => new()
    {
        HasKey = request.IdempotencyKey is not null,
        BodyHash = request.BodyHash,
        RetryCount = request.RetryCount,
        NewId = Ids.NewBatch(time.GetUtcNow()),
        Missing = missing,
    };

    [LoggerMessage(LogLevel.Warning, "The claim of batch {BatchId} could not be let go")]
    private partial void LogClaimKept(string batchId, Exception exception);
}
