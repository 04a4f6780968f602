using System.Diagnostics;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Files;

/// <summary>
/// Makes a file of an upload whose bytes are stored. What an upload's body is, is known only then, so the claim comes
/// after the bytes: a repeated upload is received whole, and its bytes are discarded.
/// </summary>
public sealed class FileCreator(IGrainFactory grains, IFileRecords files, IBlobStore blobs)
{
    /// <summary>Creates the file, or finds the one that an earlier identical upload created.</summary>
    public async Task<FileCreation> CreateAsync(CreateFile request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return await SettleAsync(request, await ClaimedAsync(request));
    }

    /// <summary>The same, and waits some seconds for an identical upload that is still at work.</summary>
    public async Task<FileCreation> CreateOrWaitAsync(CreateFile request, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            var result = await RunningRequest.WaitAsync(
                _ => ClaimedAsync(request), answer => answer is FileCreation.InProgress, time, cancellation);
            return await SettleAsync(request, result);
        }
        catch (OperationCanceledException)
        {
            await blobs.DeleteAsync(request.Upload.BlobName, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Notes that the answer was fully written (<c>BatchCreator.MarkDeliveredAsync</c>).</summary>
    public Task MarkDeliveredAsync(CreateFile request, string fileId) => ClaimOf(request).DeliverAsync(fileId);

    // Only now: while a claim is waited for, the bytes may still become the file's.
    private async Task<FileCreation> SettleAsync(CreateFile request, FileCreation result)
    {
        if (result is not FileCreation.Created created || created.File.BlobName != request.Upload.BlobName)
        {
            await blobs.DeleteAsync(request.Upload.BlobName, CancellationToken.None);
        }

        return result;
    }

    private async Task<FileCreation> ClaimedAsync(CreateFile request)
    {
        var upload = request.Upload;
        var claim = ClaimOf(request);
        var (answer, found) = await claim.ResolveAsync(
            new ClaimRequest
            {
                HasKey = request.IdempotencyKey is not null,
                BodyHash = request.BodyHash,
                RetryCount = request.RetryCount,
                NewId = upload.Id,
            },
            id => files.GetAsync(upload.Workspace, id, CancellationToken.None));
        return answer switch
        {
            ClaimAnswer.Run run => await RecordAsync(claim, run.Hold, upload),
            ClaimAnswer.Look => new FileCreation.Created(found!, IsReplay: true),
            ClaimAnswer.Wait wait => new FileCreation.InProgress(wait.RetryAfter),
            ClaimAnswer.OtherBody => new FileCreation.KeyReused(),
            _ => throw new UnreachableException($"A claim does not answer {answer.GetType().Name}."),
        };
    }

    private async Task<FileCreation> RecordAsync(IIdempotencyGrain claim, ClaimHold hold, FileRecord upload)
    {
        try
        {
            FailPoint.Reach("K1");
            var record = upload with { Id = hold.Id };
            if (await files.CreateAsync(record, CancellationToken.None))
            {
                return new FileCreation.Created(record, IsReplay: false);
            }

            // Two uploads under one id: the record that is there is the file, with its own bytes.
            return await files.GetAsync(record.Workspace, record.Id, CancellationToken.None) is { } first
                ? new FileCreation.Created(first, IsReplay: true)
                : new FileCreation.InProgress(ClaimRules.ShortWait);
        }
        catch (StorageUnavailableException)
        {
            await claim.LetGoAsync(hold);
            throw;
        }
    }

    private IIdempotencyGrain ClaimOf(CreateFile request) => grains.GetGrain<IIdempotencyGrain>(ClaimKey.Of(
        request.Upload.Workspace, "files", request.IdempotencyKey, request.ApiKeyId, request.BodyHash));
}
