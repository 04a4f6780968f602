using System.Diagnostics;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// The spans of one batch: <c>batch</c> from create to end, made when it has ended from what its state says; one for each
/// step; <c>batch.resume</c> where another activation goes on with it.
/// </summary>
internal static class BatchSpans
{
    /// <summary>The name of the tag that has the batch's id.</summary>
    public const string BatchTag = "phaseo.batch.id";

    /// <summary>The name of the tag that has the client's session, OpenTelemetry's own.</summary>
    public const string SessionTag = "session.id";

    /// <summary>A step that may take time begins; null: not traced, or a step that only looks.</summary>
    public static Activity? Step(BatchState batch, BatchStep step) => step switch
    {
        BatchStep.Validate => Start("batch.validate", batch),
        BatchStep.CloseShards => Start("batch.close_shards", batch),
        BatchStep.CompleteFiles => Start("batch.complete_files", batch),
        BatchStep.EmptyOutbox => Start("batch.empty_outbox", batch),
        BatchStep.Rest or BatchStep.RunShards or BatchStep.Forget => null,
    };

    /// <summary>Another activation goes on with a batch that has not ended.</summary>
    public static void Resumed(BatchState batch) => Start("batch.resume", batch, goesOn: true)?.Dispose();

    /// <summary>The batch has ended. At most once: after a crash between the write and here there is no such span.</summary>
    public static void Ended(BatchState batch)
    {
        if (batch is not { Submission: { } submission, EndedAt: { } endedAt })
        {
            return;
        }

        using var span = Start("batch", batch, startedAt: submission.CreatedAt);
        if (span is null)
        {
            return;
        }

        var tally = batch.Tally;
        span.SetTag("phaseo.batch.rows.completed", tally.Completed);
        span.SetTag("phaseo.batch.rows.failed", tally.Failed);
        span.SetEndTime(endedAt.UtcDateTime);
    }

    private static Activity? Start(string name, BatchState batch, bool goesOn = false, DateTimeOffset startedAt = default)
    {
        if (batch.Submission is not { } submission)
        {
            return null;
        }

        var span = PhaseoTraces.Start(name, submission.TraceParent, goesOn, startedAt);
        span?.SetTag(BatchTag, batch.Id);
        span?.SetTag("phaseo.batch.status", batch.Status.ToWire());
        if (submission.Request.SessionId is { } session)
        {
            span?.SetTag(SessionTag, session);
        }

        return span;
    }
}
