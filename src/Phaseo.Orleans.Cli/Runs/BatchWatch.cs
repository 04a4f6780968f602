using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Looks at a batch until it is terminal, and shows it.</summary>
internal sealed class BatchWatch(IServerSession server, IProgressView view, TimeProvider time)
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(15);

    /// <summary>Waits for the end.</summary>
    public async Task<WatchResult> WaitAsync(string batchId, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var meter = new RateMeter(RateWindow);
        int? before = null;
        for (var interval = FirstInterval; ; interval = Shorter(interval * 2, server.PollInterval))
        {
            var batch = await server.Client.GetBatchAsync(batchId, cancellation);
            var cost = await server.ReadCostAsync(batch);
            before ??= batch.RequestCounts.Done;
            if (batch.IsTerminal)
            {
                return new(batch, batch.RequestCounts.Done - before.Value, cost);
            }

            meter.Add(time.GetElapsedTime(started), batch.RequestCounts.Done);
            view.Show(ToProgress(batch, meter, cost));
            await Task.Delay(interval, time, cancellation);
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static RunProgress ToProgress(BatchInfo batch, RateMeter meter, long? cost)
    {
        var counts = batch.RequestCounts;
        var stage = batch.Status switch
        {
            "validating" => RunStage.Validating,
            "finalizing" => RunStage.Finalizing,
            "cancelling" => RunStage.Cancelling,
            _ => RunStage.Running,
        };
        return new(stage, counts.Done, counts.Total, counts.Failed, meter.PerSecond, meter.TimeFor(counts.Total - counts.Done), cost);
    }
}

/// <summary>A watched batch at its end.</summary>
/// <param name="Batch">The terminal batch.</param>
/// <param name="RowsSeen">Rows that ended while it was watched.</param>
/// <param name="CostNanos">What it cost, or null.</param>
internal sealed record WatchResult(BatchInfo Batch, int RowsSeen, long? CostNanos);
