using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>What must hold of every step of every batch; the engine's promises, as far as a state can break them.</summary>
internal static class BatchInvariants
{
    /// <summary>What the step from one world to the next breaks; null: nothing.</summary>
    public static string? Broken(BatchWorld before, BatchWorld after, ModelSize size)
    {
        var (was, now) = (before.Saved, after.Saved);
        return true switch
        {
            _ when now.Tally.Completed < was.Tally.Completed || now.Tally.Failed < was.Tally.Failed => "a count fell",
            _ when now.Total < was.Total => "the total fell",
            _ when was.Status.IsTerminal() && End(was) != End(now) => "a terminal batch changed",
            _ when was.Outcome != BatchStatus.None && was.Outcome != now.Outcome => "the outcome changed",
            _ when was.OutputFileId is not null && Ids(was) != Ids(now) => "a file id changed",
            _ when was.Status == BatchStatus.Cancelling && now.Status is not (BatchStatus.Cancelling or BatchStatus.Cancelled) => "a cancel was undone",
            _ when was.Status is BatchStatus.Finalizing && now.Status != was.Status && now.Status != was.Outcome => "the end is not the outcome",
            _ => Broken(after.Working, size) ?? Broken(now, size) ?? Counts(after) ?? Places(before, after),
        };
    }

    private static string? Broken(BatchState batch, ModelSize size)
    {
        if (batch.ShardCount == 0)
        {
            return batch.Tally == ShardTally.Zero && batch.Total == 0 && batch.OutputFileId is null ? null : "rows without an input";
        }

        var held = batch.Running.Length + batch.Parked.Length + batch.ParkedFiles.Sum(file => file.Count) + batch.EndedCount;
        var shards = batch.Running.Select(running => running.Shard)
            .Concat(batch.Parked.Select(parked => parked.Shard)).Concat(batch.Ends.Select(end => end.Shard)).ToList();
        return true switch
        {
            _ when held != batch.NextShard => "a shard is in two places or in none",
            _ when shards.Distinct().Count() != shards.Count => "a shard is there twice",
            _ when batch.AllEnded && batch.Outcome == BatchStatus.None => "all have ended without an outcome",
            _ when batch.Outcome != BatchStatus.None && batch.OutputFileId is null => "an outcome without file ids",
            _ when !batch.Status.IsTerminal() => null,
            _ when !batch.AllEnded => "the end came before the last shard's",
            _ when batch.Status != batch.Outcome => "the end is not the outcome",
            _ when batch.Tally.Completed + batch.Tally.Failed != size.Shards * size.Rows => "completed and failed are not the total",
            _ => null,
        };
    }

    // Nothing is counted that no journal has; at the end, all of it is.
    private static string? Counts(BatchWorld world)
    {
        var recorded = world.Shards.Sum(shard => shard.Recorded);
        var counted = world.Working.Tally.Completed;
        var isEnd = world.Working.Status.IsTerminal() && world.Working.ShardCount > 0;
        return counted > recorded ? "more is counted than recorded"
            : isEnd && counted != recorded ? "a recorded row is not counted"
            : null;
    }

    private static string? Places(BatchWorld before, BatchWorld after)
    {
        foreach (var running in before.Saved.Running)
        {
            if (after.Saved.Running.FirstOrDefault(shard => shard.Shard == running.Shard) is { } now && now.Epoch < running.Epoch)
            {
                return "an epoch fell";
            }
        }

        foreach (var parked in before.Saved.Parked)
        {
            if (after.Saved.Running.FirstOrDefault(shard => shard.Shard == parked.Shard) is { } now && now.Epoch <= parked.Epoch)
            {
                return "a shard was woken under a used epoch";
            }
        }

        foreach (var parked in after.Saved.Parked)
        {
            if (before.Saved.Running.FirstOrDefault(shard => shard.Shard == parked.Shard) is { } was && parked.Epoch != was.Epoch)
            {
                return "a shard parked under an epoch that is over";
            }
        }

        return null;
    }

    /// <summary>Whether a place was given where none may be given any more.</summary>
    public static bool GavePlace(string move, BatchWorld before, BatchWorld after) =>
        move is "choose" or "wake"
        && before.Saved.Status != BatchStatus.InProgress
        && after.Saved.Running.Length > before.Saved.Running.Length;

    private static (BatchStatus, BatchStatus, DateTimeOffset?, string?, int) End(BatchState batch) =>
        (batch.Status, batch.Outcome, batch.EndedAt, batch.OutputFileId, batch.EndedCount);

    private static (string?, string?) Ids(BatchState batch) => (batch.OutputFileId, batch.ErrorFileId);
}
