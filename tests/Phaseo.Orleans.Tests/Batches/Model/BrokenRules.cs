using Phaseo.Orleans.Batches;
using static Phaseo.Orleans.Batches.BatchStatus;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>Rules that are each wrong in one way. A model check that lets one pass proves nothing.</summary>
internal static class BrokenRules
{
    public static IReadOnlyDictionary<string, ApplyRule> All { get; } = new Dictionary<string, ApplyRule>
    {
        ["reports are added up"] = (batch, change) => change is BatchEvent.ShardReported e && Running(batch, e.Shard) is { } running
            ? True(batch, e with { Tally = running.Tally + e.Tally })
            : True(batch, change),
        ["the order of reports is ignored"] = (batch, change) => change is BatchEvent.ShardReported e && Running(batch, e.Shard) is { } running
            ? True(batch, e with { Epoch = running.Epoch, Sequence = running.Sequence + 1 })
            : True(batch, change),
        ["the epoch of a park is ignored"] = (batch, change) => change is BatchEvent.ShardParked e && Running(batch, e.Shard) is { } running
            ? True(batch with { Running = batch.Running.Replace(running, running with { Epoch = e.Epoch }) }, e)
            : True(batch, change),
        ["a terminal status is overwritten"] = (batch, change) => batch.Status == Completed && change is BatchEvent.DeadlinePassed
            ? batch with { Status = Expired, Outcome = Expired }
            : True(batch, change),
        ["the outcome is overwritten"] = (batch, change) => batch.Status == Finalizing && change is BatchEvent.DeadlinePassed
            ? batch with { Outcome = Expired }
            : True(batch, change),
        ["shards are chosen after a cancel"] = As(Cancelling, InProgress, change => change is BatchEvent.ShardsChosen),
        ["shards are woken after the deadline"] = As(Finalizing, InProgress, change => change is BatchEvent.ShardsWoken),
        ["an end is counted twice"] = (batch, change) => change is BatchEvent.ShardEnded e && batch.Ends.Any(end => end.Shard == e.End.Shard) && batch.Status == InProgress
            ? batch with { Ended = batch.Ended + e.Tally }
            : True(batch, change),
        ["an end is kept twice"] = (batch, change) => change is BatchEvent.ShardEnded e && batch.Ends.Any(end => end.Shard == e.End.Shard) && batch.Status == InProgress
            ? batch with { Ends = batch.Ends.Add(e.End) }
            : True(batch, change),
        ["the files are complete before the last end"] = (batch, change) => batch.Status == Finalizing && change is BatchEvent.FilesCompleted e
            ? batch with { Status = batch.Outcome, EndedAt = e.At }
            : True(batch, change),
        ["the last end after a cancel sets no outcome"] = (batch, change) => batch.Status == Cancelling && change is BatchEvent.ShardEnded
            ? True(batch, change) with { Outcome = None }
            : True(batch, change),
        ["the files get new ids at the end"] = (batch, change) => batch.Status == Finalizing && change is BatchEvent.FilesCompleted e && batch.AllEnded
            ? True(batch, change) with { OutputFileId = Ids.FileOf(e.At, batch.Id, "output") }
            : True(batch, change),
        ["a cancel stops a batch that is finalizing"] = (batch, change) => batch.Status == Finalizing && change is BatchEvent.CancelRequested
            ? batch with { Status = Cancelling }
            : True(batch, change),
        ["a raised epoch forgets the figures"] = (batch, change) => change is BatchEvent.EpochRaised e && Running(batch, e.Shard) is { } running
            ? True(batch with { Running = batch.Running.Replace(running, running with { Tally = ShardTally.Zero }) }, change)
            : True(batch, change),
        ["a woken shard keeps its epoch"] = (batch, change) => change is BatchEvent.ShardsWoken && True(batch, change) is var after && !ReferenceEquals(after, batch)
            ? after with { Running = after.Running.SetItem(after.Running.Length - 1, after.Running[^1] with { Epoch = after.Running[^1].Epoch - 1 }) }
            : True(batch, change),
        ["parking forgets the figures"] = (batch, change) => change is BatchEvent.ShardParked e ? True(batch, e with { Tally = ShardTally.Zero }) : True(batch, change),
        ["a deadline undoes a cancel"] = (batch, change) => batch.Status == Cancelling && change is BatchEvent.DeadlinePassed
            ? True(batch with { Status = InProgress }, change)
            : True(batch, change),
        ["a shard is chosen twice"] = (batch, change) => change is BatchEvent.ShardsChosen && batch is { Status: InProgress, NextShard: 1 }
            ? True(batch with { NextShard = 0 }, new BatchEvent.ShardsChosen(0, 1))
            : True(batch, change),
        ["a batch that is cancelled closes nothing"] = (batch, change) => batch.Status == Cancelling && change is BatchEvent.EpochRaised ? batch : True(batch, change),
        ["a cancel moves the end of a cancelled batch"] = (batch, change) => batch.Status == Cancelled && change is BatchEvent.CancelRequested e
            ? batch with { EndedAt = e.At.AddSeconds(1) }
            : True(batch, change),
    };

    private static ApplyRule As(BatchStatus status, BatchStatus pretended, Func<BatchEvent, bool> which) => (batch, change) =>
    {
        if (batch.Status != status || !which(change))
        {
            return True(batch, change);
        }

        var before = batch with { Status = pretended };
        var after = True(before, change);
        return ReferenceEquals(before, after) ? batch : after with { Status = status };
    };

    private static BatchState True(BatchState batch, BatchEvent change) => BatchTransitions.Apply(batch, change);

    private static RunningShard? Running(BatchState batch, int shard) => batch.Running.FirstOrDefault(running => running.Shard == shard);
}
