using System.Collections.Immutable;
using static Phaseo.Orleans.Batches.BatchStatus;

namespace Phaseo.Orleans.Batches;

/// <summary>The rules of a batch. Pure: no clock, no random number, no waiting.</summary>
internal static class BatchTransitions
{
    private const int ProvidersInState = 16;
    private static readonly ImmutableArray<OutboxAct> OwedAtEnd = [OutboxAct.Index, OutboxAct.Reference, OutboxAct.Journals];

    /// <summary>
    /// The state after something happened. What comes late, twice or in the wrong place changes nothing: the same
    /// instance comes back, and nothing is written.
    /// </summary>
    public static BatchState Apply(BatchState batch, BatchEvent change) => (batch.Status, change) switch
    {
        (None, BatchEvent.Submitted e) => Submit(batch, e),
        (None, BatchEvent.Abandoned e) => batch with { Status = BatchStatus.Abandoned, Workspace = e.Workspace, EndedAt = e.At },

        (Validating, BatchEvent.Validated e) => Validated(batch, e),
        (Validating, BatchEvent.ValidationFailed e) => End(batch, Failed, e.At) with { FaultsFile = e.FaultsFile },
        (Validating, BatchEvent.CancelRequested e) => End(batch, Cancelled, e.At) with { CancellingAt = e.At },
        (Validating, BatchEvent.DeadlinePassed e) => End(batch, Expired, e.At),

        (InProgress, BatchEvent.CancelRequested e) => batch with { Status = Cancelling, CancellingAt = e.At, CallsEndAt = e.CallsEndAt },
        (InProgress, BatchEvent.DeadlinePassed e) => Finalize(batch, Expired, e.At) with { CallsEndAt = e.CallsEndAt },
        (InProgress, BatchEvent.ShardsChosen e) when e.First == batch.NextShard => Choose(batch, e.Count),
        (InProgress, BatchEvent.ShardsWoken e) => Wake(batch, e.Shards),

        (InProgress or Cancelling or Finalizing, BatchEvent.EpochRaised e) => RaiseEpoch(batch, e.Shard),
        (InProgress or Cancelling or Finalizing, BatchEvent.ShardReported e) => Report(batch, e),
        (InProgress, BatchEvent.ShardParked e) => Park(batch, e),
        (InProgress or Cancelling or Finalizing, BatchEvent.ShardEnded e) => EndShard(batch, e),
        (InProgress or Cancelling or Finalizing, BatchEvent.EndsFolded e) => FoldEnds(batch, e),
        (InProgress, BatchEvent.ParkedFolded e) => FoldParked(batch, e),
        (InProgress or Cancelling or Finalizing, BatchEvent.ParkedUnfolded e) => UnfoldParked(batch, e),

        (Cancelling or Finalizing, BatchEvent.FilesCompleted e) when batch.AllEnded => End(batch, batch.Outcome, e.At),
        (Completed or Failed or Expired or Cancelled, BatchEvent.OutboxEmptied) when !batch.Outbox.IsEmpty => batch with { Outbox = [] },
        _ => batch,
    };

    private static BatchState Submit(BatchState batch, BatchEvent.Submitted e) => batch with
    {
        Status = Validating,
        Id = e.Id,
        Workspace = e.Submission.Workspace,
        Submission = e.Submission,
    };

    private static BatchState Validated(BatchState batch, BatchEvent.Validated e)
    {
        var valid = batch with
        {
            Status = InProgress,
            InProgressAt = e.At,
            Total = e.Rows,
            Model = e.Model,
            ShardCount = e.Shards,
            PlanFile = e.PlanFile,
            OnlyShard = e.OnlyShard,
            Prices = e.Prices,
        };

        // The one shard of a small batch is chosen by the same write.
        return e.OnlyShard is null ? valid : Choose(valid, 1);
    }

    private static BatchState Choose(BatchState batch, int count)
    {
        count = Math.Min(count, batch.ShardCount - batch.NextShard);
        var chosen = Enumerable.Range(batch.NextShard, count).Select(shard => new RunningShard(shard, 1, 0, ShardTally.Zero));
        return count <= 0 ? batch : batch with { Running = [.. batch.Running, .. chosen], NextShard = batch.NextShard + count };
    }

    private static BatchState Wake(BatchState batch, ImmutableArray<int> shards)
    {
        var woken = batch.Parked.Where(parked => shards.Contains(parked.Shard)).ToImmutableArray();
        return woken.IsEmpty ? batch : batch with
        {
            Parked = batch.Parked.RemoveRange(woken),
            Running = [.. batch.Running, .. woken.Select(parked => new RunningShard(parked.Shard, parked.Epoch + 1, 0, parked.Tally))],
        };
    }

    private static BatchState RaiseEpoch(BatchState batch, int shard)
    {
        if (Find(batch, shard) is { } running)
        {
            return batch with { Running = batch.Running.Replace(running, running with { Epoch = running.Epoch + 1, Sequence = 0 }) };
        }

        // It has parked since: its place is free, and it waits to be woken.
        if (batch.Status == InProgress)
        {
            return batch;
        }

        // To be closed without running again: from here on it holds a place.
        if (batch.Parked.FirstOrDefault(parked => parked.Shard == shard) is { } waiting)
        {
            return Wake(batch, [waiting.Shard]);
        }

        // Never chosen: it gets its first epoch only to be closed.
        return shard == batch.NextShard ? Choose(batch, 1) : batch;
    }

    private static BatchState Report(BatchState batch, BatchEvent.ShardReported e)
    {
        if (Find(batch, e.Shard) is not { } running
            || (e.Epoch, e.Sequence).CompareTo((running.Epoch, running.Sequence)) <= 0
            || e.Epoch != running.Epoch)
        {
            return batch;
        }

        var tally = e.Tally;
        Mutant.Change("delta-reports", ref tally, running.Tally + e.Tally);
        return batch with { Running = batch.Running.Replace(running, running with { Sequence = e.Sequence, Tally = tally.Abridged(1) }) };
    }

    private static BatchState Park(BatchState batch, BatchEvent.ShardParked e) =>
        Find(batch, e.Shard) is { } running && running.Epoch == e.Epoch
            ? batch with
            {
                Running = batch.Running.Remove(running),
                Parked = batch.Parked.Add(new(e.Shard, e.Epoch, e.WakeAt, e.Tally.Abridged(1))),
            }
            : batch;

    // An end is the end, under whatever epoch it was made: it comes from a sealed journal.
    private static BatchState EndShard(BatchState batch, BatchEvent.ShardEnded e)
    {
        if (Find(batch, e.End.Shard) is not { } running)
        {
            return batch;
        }

        var after = batch with
        {
            Running = batch.Running.Remove(running),
            Ends = batch.Ends.Add(e.End),
            Ended = (batch.Ended + e.Tally).Abridged(ProvidersInState),
        };
        return (after.AllEnded, after.Status) switch
        {
            (true, InProgress) => Finalize(after, Completed, e.At),
            (true, Cancelling) => AllocateFiles(after with { Outcome = Cancelled }, e.At),
            _ => after,
        };
    }

    private static BatchState FoldEnds(BatchState batch, BatchEvent.EndsFolded e)
    {
        var folded = batch.Ends.Where(end => e.Shards.Contains(end.Shard)).ToImmutableArray();
        var replaced = batch.EndFiles.Where(file => e.Replaced.Contains(file.File)).ToImmutableArray();
        return folded.IsEmpty || folded.Length != e.Shards.Length || replaced.Length != e.Replaced.Length ? batch : batch with
        {
            Ends = batch.Ends.RemoveRange(folded),
            EndFiles = batch.EndFiles.RemoveRange(replaced).Add(new(e.File, folded.Length + replaced.Sum(file => file.Count))),
        };
    }

    private static BatchState FoldParked(BatchState batch, BatchEvent.ParkedFolded e)
    {
        var folded = batch.Parked.Where(parked => e.Shards.Contains(parked.Shard)).ToImmutableArray();
        var replaced = batch.ParkedFiles.Where(file => e.Replaced.Contains(file.File)).ToImmutableArray();
        return folded.IsEmpty || folded.Length != e.Shards.Length || replaced.Length != e.Replaced.Length ? batch : batch with
        {
            Parked = batch.Parked.RemoveRange(folded),
            ParkedFiles = batch.ParkedFiles.RemoveRange(replaced).Add(e.Segment),
        };
    }

    private static BatchState UnfoldParked(BatchState batch, BatchEvent.ParkedUnfolded e)
    {
        if (batch.ParkedFiles.FirstOrDefault(file => file.File == e.File) is not { } segment)
        {
            return batch;
        }

        var others = batch.ParkedFiles.Remove(segment);
        return batch with
        {
            ParkedFiles = e.Rest is { } rest ? others.Add(rest) : others,
            Parked = batch.Parked.AddRange(e.Shards),
        };
    }

    private static BatchState Finalize(BatchState batch, BatchStatus outcome, DateTimeOffset at) =>
        AllocateFiles(batch with { Status = Finalizing, Outcome = outcome, FinalizingAt = at }, at);

    private static BatchState AllocateFiles(BatchState batch, DateTimeOffset at) => batch with
    {
        OutputFileId = Ids.FileOf(at, batch.Id, "output"),
        ErrorFileId = Ids.FileOf(at, batch.Id, "errors"),
    };

    private static BatchState End(BatchState batch, BatchStatus status, DateTimeOffset at) =>
        batch with { Status = status, Outcome = status, EndedAt = at, Outbox = OwedAtEnd };

    private static RunningShard? Find(BatchState batch, int shard) => batch.Running.FirstOrDefault(running => running.Shard == shard);
}
