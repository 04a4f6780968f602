using System.Buffers;
using System.Diagnostics;
using System.Text;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Makes the calls of a shard's rows, and passes on what comes back. On the run's strand.</summary>
internal sealed class ShardCalls(ShardOrder order, ShardServices services, ShardRecorder recorder, ShardRoutes routes, RunStatus status)
{
    private readonly Stack<ArrayBufferWriter<byte>> _scratch = new();

    /// <summary>Whether each call is announced in the journal first, because one of these rows may kill the process.</summary>
    public bool OneByOne { get; init; }

    /// <summary>The run's span, below which those of calls are; null: not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>Where the rows come from, and go back to.</summary>
    public required ShardLanes Lanes { get; init; }

    /// <summary>Takes an answer in.</summary>
    public required Func<RowWork, Offer, UpstreamAnswer, ValueTask> Answered { get; init; }

    /// <summary>Makes the next call of a row that has a place in <paramref name="lane"/>.</summary>
    public async Task CallAsync(ShardLane lane, RowWork work)
    {
        var offer = work.Offer;
        var outcome = CallOutcome.Unused;
        var scratch = _scratch.TryPop(out var pooled) ? pooled : new ArrayBufferWriter<byte>(1024);
        try
        {
            if (OneByOne)
            {
                await recorder.TryingAsync(work.Row.Row);
            }

            if (services.Limiter.MaySend(lane.Provider))
            {
                work.Attempts++;
                using var span = ShardSpans.Call(Span, services.Options.RowSpanShare, work);
                var body = RequestBody.ForUpstream(work.Row.Bytes, work.Parts, routes.ModelToken(offer), scratch);
                var attempt = work.Attempts;
                Mutant.Change("attempt-reused", ref attempt, 1);
                var call = new UpstreamCall(offer, order.Endpoint, body, RowIds.Of(order.Batch, work.Row.Row), attempt);
                var startedAt = services.Time.GetTimestamp();
                var sending = services.Upstreams.Find(offer.Provider).SendAsync(call, status.Calls);
                FailPoint.Reach("K7");
                using var answer = await sending;
                span?.Answered(answer);
                outcome = OutcomeOf(answer);
                var label = answer.Failure?.MetricLabel ?? "ok";
                Mutant.Change("content-told", ref label, Encoding.UTF8.GetString(work.Row.Bytes.Span));
                services.Metrics.CallEnded(offer.Provider.Id, label, services.Time.GetElapsedTime(startedAt));
                await Answered(work, offer, answer);
            }
            else
            {
                // The lease ended while this process stood still or wrote: the row waits for the next one.
                lane.Ready.Enqueue(work);
            }
        }
        catch (OperationCanceledException) when (status.Calls.IsCancellationRequested)
        {
            services.Metrics.AnswerDropped();
            if (status.IsHandingBack)
            {
                lane.Ready.Enqueue(work);
            }
        }
        finally
        {
            scratch.ResetWrittenCount();
            _scratch.Push(scratch);
            Lanes.Leave(lane, outcome);
        }

        Lanes.Pump(lane);
        status.WakeIfIdle();
    }

    private static CallOutcome OutcomeOf(UpstreamAnswer answer)
    {
        var tokens = answer.Usage is { } usage ? usage.InputTokens + usage.OutputTokens : 0;
        return answer.Failure switch
        {
            null => new(CallResult.Ok, null, tokens),
            { Kind: FailureKind.RateLimited } limited => new(CallResult.Throttled, limited.RetryAfter, tokens),
            { Kind: FailureKind.Refused } => new(CallResult.Ok, null, tokens),
            var failure => new(CallResult.Failed, failure.RetryAfter, tokens),
        };
    }
}
