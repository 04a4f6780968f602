using System.Diagnostics;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// The spans of one shard: <c>shard.run</c> for each time it runs, <c>shard.stage</c> in it, and <c>row.call</c> for the
/// calls of as many rows as <see cref="BatchOptions.RowSpanShare"/> asks for.
/// </summary>
internal static class ShardSpans
{
    /// <summary>A run begins; null: not traced.</summary>
    public static Activity? Run(ShardOrder order)
    {
        var span = PhaseoTraces.Start("shard.run", order.TraceParent, goesOn: order.Epoch > 1);
        span?.SetTag(BatchSpans.BatchTag, order.Batch);
        span?.SetTag("phaseo.shard", order.Shard);
        span?.SetTag("phaseo.shard.epoch", order.Epoch);
        if (order.Session is { } session)
        {
            span?.SetTag(BatchSpans.SessionTag, session);
        }

        return span;
    }

    /// <summary>The run's rows all have an outcome, and are being staged.</summary>
    public static Activity? Stage(Activity? run) => Below(run, "shard.stage", ActivityKind.Internal);

    /// <summary>Says how the run found its journal.</summary>
    public static void Began(this Activity span, JournalState state, LedgerStart start) =>
        span.SetTag("phaseo.shard.start", (state, start) switch
        {
            (JournalState.Fenced, _) => "fenced",
            (JournalState.Missing, _) => "over",
            (_, LedgerStart.None or LedgerStart.First) => "first",
            (_, LedgerStart.Resumed) => "resumed",
            (_, LedgerStart.TakenOver) => "taken_over",
        });

    /// <summary>Says how the run ended.</summary>
    public static void Ended(this Activity span, ShardRunEnd end, int recorded)
    {
        span.SetTag("phaseo.shard.rows.recorded", recorded);
        span.SetTag("phaseo.shard.end", end.Result switch
        {
            ShardRunResult.Sealed => "sealed",
            ShardRunResult.Parked => "parked",
            ShardRunResult.HandedBack => "handed_back",
            ShardRunResult.Lost => "lost",
        });
    }

    /// <summary>A row is called, if its run is traced and it is one of those that have spans; all its attempts then have one.</summary>
    /// <param name="run">The run's span; null: not traced.</param>
    /// <param name="share">The share of rows that have spans, from 0 to 1.</param>
    /// <param name="work">The row.</param>
    public static Activity? Call(Activity? run, double share, RowWork work)
    {
        if (run is null || !IsChosen(work.Row.Row, share) || Below(run, "row.call", ActivityKind.Client) is not { } span)
        {
            return null;
        }

        span.SetTag("phaseo.row", work.Row.Row);
        span.SetTag("phaseo.row.attempt", work.Attempts);
        span.SetTag("phaseo.provider", work.Offer.Provider.Id);
        span.SetTag("gen_ai.request.model", work.Offer.Model);
        return span;
    }

    /// <summary>A call ended.</summary>
    public static void Answered(this Activity span, UpstreamAnswer answer)
    {
        if (answer.StatusCode != 0)
        {
            span.SetTag("http.response.status_code", answer.StatusCode);
        }

        if (answer.Failure is { } failure)
        {
            span.Fail(failure.MetricLabel);
        }
    }

    // Spread over the rows, and the same rows whoever runs them (Knuth's multiplicative hash).
    private static bool IsChosen(int row, double share) => (uint)row * 2_654_435_761u < share * (1L << 32);

    private static Activity? Below(Activity? run, string name, ActivityKind kind)
    {
        if (run is null || PhaseoTraces.StartBelow(run, name, kind) is not { } span)
        {
            return null;
        }

        foreach (var tag in (string[])[BatchSpans.BatchTag, BatchSpans.SessionTag])
        {
            if (run.GetTagItem(tag) is { } value)
            {
                span.SetTag(tag, value);
            }
        }

        return span;
    }
}
