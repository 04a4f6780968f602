using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>
/// Creates batches: claim → reference → file check → open row → (in the grain) reminder, state, index → answer.
/// Every step may be repeated under the same batch id, so whoever takes over a create starts at the beginning, and
/// whatever a crash leaves behind has the id on it by which <c>OpenBatchPass</c> finds it.
/// </summary>
public sealed partial class BatchCreator(
    IGrainFactory grains,
    IFileReferences references,
    IFileRecords files,
    IOpenBatches open,
    TimeProvider time,
    ILogger<BatchCreator> logger)
{
    private const int MaxNewIds = 4;
    private const int MaxLetGoTries = 5;
    private static readonly TimeSpan LetGoPause = TimeSpan.FromMilliseconds(500);
    private readonly CreateSteps _steps = new(grains, references, files, open, time);
    private readonly Leftovers _leftovers = new(references, open);

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

        cancellation.ThrowIfCancellationRequested();
        var claim = ClaimOf(request);
        var (answer, found) = await claim.ResolveAsync(Ask(request), id => Batch(id).GetAsync());
        return answer switch
        {
            ClaimAnswer.Run run => await MakeAsync(claim, run.Hold, request),
            ClaimAnswer.Look => new BatchCreation.Created(FirstAnswer.Of(found!), IsReplay: true),
            ClaimAnswer.Wait wait => new BatchCreation.InProgress(wait.RetryAfter),
            ClaimAnswer.OtherBody => new BatchCreation.KeyReused(),
            _ => throw new UnreachableException($"A claim does not answer {answer.GetType().Name}."),
        };
    }

    /// <summary>The same, and waits some seconds for an identical request that is still at work.</summary>
    public Task<BatchCreation> CreateOrWaitAsync(CreateBatch request, CancellationToken cancellation) => RunningRequest.WaitAsync(
        token => CreateAsync(request, token), answer => answer is BatchCreation.InProgress, time, cancellation);

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
            for (var ids = 0; ids < MaxNewIds; ids++)
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
                await _leftovers.RemoveAsync(request.Workspace, file.Id, abandoned, CancellationToken.None);
                if (renamed is null)
                {
                    break;
                }

                hold = renamed;
            }

            return new BatchCreation.InProgress(ClaimRules.ShortWait);
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
        var batch = Batch(hold.Id);
        if (hold.Revision > 1 && !await batch.AbandonAsync(request.Workspace))
        {
            return await batch.GetAsync() is { } found
                ? new BatchCreation.Created(FirstAnswer.Of(found), IsReplay: true)
                : throw new UnreachableException("A batch that cannot be abandoned has a state.");
        }

        if (!await claim.ReleaseAsync(hold) && hold.Revision == 1)
        {
            // Taken over meanwhile; the new holder may have found the file in time and needs the reference.
            return new BatchCreation.InProgress(ClaimRules.ShortWait);
        }

        await _leftovers.RemoveAsync(request.Workspace, request.Request.InputFileId, hold.Id, CancellationToken.None);
        return new BatchCreation.BadFile();
    }

    private async Task LetGoAsync(IIdempotencyGrain claim, ClaimHold hold)
    {
        try
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    await claim.LetGoAsync(hold);
                    return;
                }
                catch (OrleansException e) when (e is not StorageUnavailableException && tries < MaxLetGoTries)
                {
                    // The claim was on a silo that leaves; it will be found on another.
                    await Task.Delay(LetGoPause, time, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next request then waits until the claim is old enough; the first failure is the one to report.
            LogClaimKept(hold.Id, e);
        }
    }

    private IBatchGrain Batch(string id) => grains.GetGrain<IBatchGrain>(id);

    private IIdempotencyGrain ClaimOf(CreateBatch request) => grains.GetGrain<IIdempotencyGrain>(ClaimKey.Of(
        request.Workspace, request.Route, request.IdempotencyKey, request.ApiKeyId, request.BodyHash));

    private ClaimRequest Ask(CreateBatch request) => new()
    {
        HasKey = request.IdempotencyKey is not null,
        BodyHash = request.BodyHash,
        RetryCount = request.RetryCount,
        NewId = Ids.NewBatch(time.GetUtcNow()),
    };

    [LoggerMessage(LogLevel.Warning, "The claim of batch {BatchId} could not be let go")]
    private partial void LogClaimKept(string batchId, Exception exception);
}
