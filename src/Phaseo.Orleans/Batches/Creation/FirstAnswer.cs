namespace Phaseo.Orleans.Batches.Creation;

/// <summary>
/// The batch as its create showed it. All of it is in what was asked, so that a replay gives the first answer again
/// without anybody having stored it.
/// </summary>
internal static class FirstAnswer
{
    /// <summary>The first state of a batch, made from any later one.</summary>
    public static BatchView Of(BatchView batch) => new()
    {
        Id = batch.Id,
        Workspace = batch.Workspace,
        Version = 1,
        Status = BatchStatus.Validating,
        Request = batch.Request,
        RequestId = batch.RequestId,
        CreatedAt = batch.CreatedAt,
        ExpiresAt = batch.ExpiresAt,
    };
}
