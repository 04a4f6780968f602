using System.Collections.Immutable;
using System.Globalization;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>A rule of what follows from what; the true one is <see cref="BatchTransitions.Apply"/>.</summary>
internal delegate BatchState ApplyRule(BatchState batch, BatchEvent change);

/// <summary>One thing that can happen next, with its name.</summary>
internal readonly record struct ModelMove(string Name, Func<BatchWorld> Next);

/// <summary>
/// All that can happen to a batch: the grain acts on what is saved, takes reports, crashes and loads again; shards
/// start, record, park, die and seal; a client cancels; the window ends. Events that come too late are told all the
/// same.
/// </summary>
internal sealed class BatchModel(ModelSize size, ApplyRule apply)
{
    private int Total => size.Shards * size.Rows;

    /// <summary>The moves of a world, in a fixed order.</summary>
    public IEnumerable<ModelMove> Moves(BatchWorld world) => world.Saved.Status == BatchStatus.None
        ? Beginnings(world)
        : [.. Requests(world), .. Grain(world), .. Enumerable.Range(0, size.Shards).SelectMany(shard => Shard(world, shard)), .. Deliveries(world)];

    private IEnumerable<ModelMove> Beginnings(BatchWorld world)
    {
        yield return new("submit", () => Record(world, new BatchEvent.Submitted(BatchScenes.Id, BatchScenes.Submission)));
        yield return new("abandon", () => Record(world, new BatchEvent.Abandoned("ws", BatchScenes.At(1))));
    }

    private IEnumerable<ModelMove> Requests(BatchWorld world)
    {
        yield return new("submit again", () => Record(world, new BatchEvent.Submitted(BatchScenes.Id, BatchScenes.Submission)));
        yield return new("cancel", () => Record(world, new BatchEvent.CancelRequested(BatchScenes.At(10), BatchScenes.At(11))));
        yield return new("deadline", () => Record(world, new BatchEvent.DeadlinePassed(BatchScenes.At(20), BatchScenes.At(21))));
        yield return new("crash", () => world with { Working = world.Saved });
        yield return new("save", () => world with { Saved = world.Working });
    }

    private IEnumerable<ModelMove> Grain(BatchWorld world)
    {
        switch (BatchSteps.Next(world.Saved))
        {
            case BatchStep.Validate:
                yield return new("input is good", () => Validated(world));
                yield return new("input is bad", () => Record(world, new BatchEvent.ValidationFailed("faults", BatchScenes.At(2))));
                break;
            case BatchStep.CompleteFiles:
                yield return new("files", () => Record(world, new BatchEvent.FilesCompleted(BatchScenes.At(50))));
                break;
            case BatchStep.EmptyOutbox:
                yield return new("outbox", () => Record(world, new BatchEvent.OutboxEmptied()));
                break;
        }

        // Acts that were decided on before the state changed are told late.
        yield return new("files, late", () => Record(world, new BatchEvent.FilesCompleted(BatchScenes.At(51))));
        if (world.Working.NextShard < world.Working.ShardCount && world.Working.Running.Length < size.Places)
        {
            yield return new("choose", () => Choose(world));
        }

        foreach (var parked in world.Working.Parked.Where(parked => parked.Epoch < size.Epochs))
        {
            yield return new("wake", () => Record(world, new BatchEvent.ShardsWoken([parked.Shard])));
        }

        foreach (var move in size.Folds ? Folds(world) : [])
        {
            yield return move;
        }
    }

    private IEnumerable<ModelMove> Folds(BatchWorld world)
    {
        if (!world.Working.Ends.IsEmpty)
        {
            ImmutableArray<int> ends = [.. world.Working.Ends.Select(end => end.Shard)];
            yield return new("fold ends", () => Record(world, new BatchEvent.EndsFolded(ends, [.. world.Working.EndFiles.Select(file => file.File)], "ends")));
        }

        if (!world.Working.Parked.IsEmpty)
        {
            yield return new("fold parked", () => FoldParked(world));
        }

        foreach (var file in world.Working.ParkedFiles)
        {
            yield return new("unfold", () => Unfold(world, file.File));
        }
    }

    private IEnumerable<ModelMove> Shard(BatchWorld world, int number)
    {
        var shard = world.Shards[number];
        var saved = world.Saved.Running.FirstOrDefault(running => running.Shard == number);
        var isClosing = world.Saved.Status is BatchStatus.Cancelling or BatchStatus.Finalizing;
        var isInCharge = shard.IsAlive && saved?.Epoch == shard.Fence;
        if (saved is not null && world.Saved.Status == BatchStatus.InProgress && shard.HasJournal && saved.Epoch > shard.Fence)
        {
            yield return new("start", () => Fence(world, number, saved.Epoch));
        }

        if (saved is not null && !isInCharge && saved.Epoch <= shard.Fence && saved.Epoch < size.Epochs)
        {
            yield return new("raise", () => Record(world, new BatchEvent.EpochRaised(number)));
        }

        if (shard.IsAlive)
        {
            yield return new("die", () => world.With(number, shard with { Sequence = -1 }));
            if (shard.Recorded < size.Rows)
            {
                yield return new("record", () => RecordRow(world, number));
                yield return new("park", () => world
                    .With(number, shard with { Sequence = -1 })
                    .Send(new('P', number, shard.Fence, 0, shard.Recorded, size.Rows)));
            }

            if (shard.Recorded == size.Rows || isClosing)
            {
                yield return new("seal", () => Seal(world, number));
            }
        }

        if (isClosing && (saved?.Epoch ?? 0) <= size.Epochs)
        {
            yield return new("close", () => Close(world, number));
        }
        else if (shard.IsSealed && saved is not null)
        {
            // Whoever starts on a sealed journal stages it again.
            yield return new("stage", () => world.Send(End(number, shard)));
        }
    }

    private IEnumerable<ModelMove> Deliveries(BatchWorld world)
    {
        foreach (var message in world.Messages)
        {
            yield return new(
                $"deliver {message.Kind}",
                () => message.Kind == 'R'
                    ? world with { Working = apply(world.Working, message.ToEvent()) }
                    : Record(world, message.ToEvent()));
        }
    }

    private BatchWorld Record(BatchWorld world, BatchEvent change)
    {
        var after = apply(world.Working, change);
        return world with { Working = after, Saved = after };
    }

    private BatchWorld Validated(BatchWorld world)
    {
        var isSmall = size.Shards == 1;
        var slice = new ShardSlice(0, 100, 0, size.Rows, 1);
        var prepared = isSmall ? world.With(0, world.Shards[0] with { HasJournal = true }) : world;
        return Record(prepared, new BatchEvent.Validated(Total, null, size.Shards, isSmall ? null : "plan", isSmall ? slice : null, BatchScenes.At(2)));
    }

    private BatchWorld Choose(BatchWorld world)
    {
        var first = world.Working.NextShard;
        return Record(world.With(first, world.Shards[first] with { HasJournal = true }), new BatchEvent.ShardsChosen(first, 1));
    }

    private BatchWorld FoldParked(BatchWorld world)
    {
        var parked = world.Working.Parked;
        var name = string.Join(',', parked.OrderBy(shard => shard.Shard).Select(shard =>
            string.Create(CultureInfo.InvariantCulture, $"{shard.Shard}:{shard.Epoch}:{shard.Tally.Completed}")));
        var tally = parked.Aggregate(ShardTally.Zero, (sum, shard) => sum + shard.Tally);
        var change = new BatchEvent.ParkedFolded([.. parked.Select(shard => shard.Shard)], [], new(name, parked.Length, BatchScenes.At(60), tally));
        return Record(world with { Files = world.Files.SetItem(name, parked) }, change);
    }

    // One comes out; the rest goes into a file of its own.
    private BatchWorld Unfold(BatchWorld world, string file)
    {
        var parked = world.Files[file];
        ImmutableArray<ParkedShard> rest = [.. parked.Skip(1)];
        if (rest.IsEmpty)
        {
            return Record(world, new BatchEvent.ParkedUnfolded(file, parked, null));
        }

        var tally = rest.Aggregate(ShardTally.Zero, (sum, shard) => sum + shard.Tally);
        var segment = new ParkedSegment($"{file}'", rest.Length, BatchScenes.At(60), tally);
        return Record(world with { Files = world.Files.SetItem(segment.File, rest) }, new BatchEvent.ParkedUnfolded(file, [parked[0]], segment));
    }

    private static BatchWorld Fence(BatchWorld world, int number, long epoch)
    {
        var shard = world.Shards[number];
        return world.With(number, shard with { Fence = epoch, Sequence = 0 });
    }

    private BatchWorld RecordRow(BatchWorld world, int number)
    {
        var shard = world.Shards[number];
        var after = shard with { Recorded = shard.Recorded + 1, Sequence = shard.Sequence + 1 };
        return world.With(number, after).Send(new('R', number, after.Fence, after.Sequence, after.Recorded, size.Rows));
    }

    private BatchWorld Seal(BatchWorld world, int number)
    {
        var sealedShard = world.Shards[number] with { IsSealed = true, Sequence = -1 };
        return world.With(number, sealedShard).Send(End(number, sealedShard));
    }

    // The batch closes a shard itself: raised epoch saved, then fence and seal, then what was staged.
    private BatchWorld Close(BatchWorld world, int number)
    {
        var raised = Record(world, new BatchEvent.EpochRaised(number));
        if (raised.Saved.Running.FirstOrDefault(running => running.Shard == number) is not { } running || running.Epoch < world.Shards[number].Fence)
        {
            return raised;
        }

        var closed = world.Shards[number] with { Fence = running.Epoch, IsSealed = true, Sequence = -1 };
        return raised.With(number, closed).Send(End(number, closed));
    }

    private ModelMessage End(int number, ModelShard shard) => new('E', number, 0, 0, shard.Recorded, size.Rows);
}
