using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>The steps of a create after its claim, each harmless when repeated under the same batch id.</summary>
internal sealed class CreateSteps(
    IGrainFactory grains, IFileReferences references, IFileRecords files, IOpenBatches open, TimeProvider time)
{
    /// <summary>
    /// Takes a reference to the input file, then looks at it. In this order, because a file that is live after the
    /// reference was taken keeps its bytes. Null: it is not an own, live file of purpose <c>batch</c>.
    /// </summary>
    public async Task<FileRecord?> HoldFileAsync(CreateBatch request, string batchId)
    {
        var fileId = request.Request.InputFileId;
        var reference = new FileReference(request.Workspace, fileId, batchId, AddedAt: time.GetUtcNow());
        await references.AddAsync(reference, CancellationToken.None);
        FailPoint.Reach("K2b");
        var file = await files.GetAsync(request.Workspace, fileId, CancellationToken.None);
        return file is { Purpose: "batch" } && file.IsLive(time.GetUtcNow()) ? file : null;
    }

    /// <summary>Tells the driver of the batch, then starts it. Null: the id was abandoned.</summary>
    public async Task<BatchView?> SubmitAsync(CreateBatch request, FileRecord file, string batchId)
    {
        var now = time.GetUtcNow();
        var asked = request.Request;
        var row = new OpenBatch(request.Workspace, batchId, file.Id, now, now + asked.Window, Heartbeat: now);
        await open.AddAsync(row, CancellationToken.None);
        FailPoint.Reach("K2c");
        var batch = await grains.GetGrain<IBatchGrain>(batchId).SubmitAsync(new()
        {
            Workspace = request.Workspace,
            Request = asked,
            InputBlob = file.BlobName,
            RequestId = request.RequestId,
            CreatedAt = now,
            TraceParent = request.TraceParent,
            InputBytes = file.Bytes,
            InputLines = file.Lines,
        });
        if (batch is not null && batch.Status.IsTerminal())
        {
            // Another request with this id was so far ahead of us that our reference outlived the batch's own.
            await references.RemoveAsync(request.Workspace, file.Id, batchId, CancellationToken.None);
        }

        return batch;
    }
}
