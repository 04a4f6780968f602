using System.Collections.Immutable;
using System.Globalization;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Storage;
using static Phaseo.Orleans.Tests.Batches.BatchScenes;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// A million rows in 1,000 shards, with as many shards in the state as the engine leaves there, each with the longest
/// figures: 17 places, and of parked and ended shards as many as are there before they are put into a file.
/// </summary>
internal static class LargestBatch
{
    private const int Places = 17;
    private const int BeforeFolding = 4;
    private const int Files = 8;
    private const int Shards = 1_000;

    private static readonly string Hash = new('f', 32);

    // A provider's longest id, in as many variants as a state holds.
    private static readonly ImmutableArray<string> Providers =
        [.. Enumerable.Range(0, 16).Select(n => new string('p', 62) + n.ToString("D2", CultureInfo.InvariantCulture))];

    private static readonly Meters Usage = new()
    {
        InputTokens = 999_999_999_999,
        CachedInputTokens = 999_999_999_999,
        CacheWriteInputTokens = 999_999_999_999,
        OutputTokens = 999_999_999_999,
        ReasoningTokens = 999_999_999_999,
        Images = 999_999_999,
        AudioMinutes = 999_999_999,
        Requests = 1_000,
    };

    /// <summary>Such a batch in a status, for this submission.</summary>
    public static BatchState Of(string scene, BatchSubmission submission)
    {
        var validating = Told(new() { Version = 999_999, Operation = Hash }, new BatchEvent.Submitted(Id, submission));
        var running = Fill(Told(validating, new BatchEvent.Validated(1_000_000, new string('m', 512), Shards, Work(submission), null, Late) { Prices = Hash }));
        return scene switch
        {
            "Validating" => validating,
            "InProgress" => running,
            "Cancelling" => Told(running, new BatchEvent.CancelRequested(Late, Late)),
            "Finalizing" => Told(running, new BatchEvent.DeadlinePassed(Late, Late)),
            "Completed" => Told(LastEnd(running), new BatchEvent.FilesCompleted(Late)),
            "Cancelled" => Told(LastEnd(Told(running, new BatchEvent.CancelRequested(Late, Late))), new BatchEvent.FilesCompleted(Late)),
            "Expired" => Told(LastEnd(Told(running, new BatchEvent.DeadlinePassed(Late, Late))), new BatchEvent.FilesCompleted(Late)),
            "Failed" => Told(validating, new BatchEvent.ValidationFailed(Work(submission), Late)),
            _ => throw new ArgumentOutOfRangeException(nameof(scene), scene, "No such scene."),
        };
    }

    // With fractions of a second, as clocks have them.
    private static DateTimeOffset Late => Start.AddDays(30).AddTicks(1_234_567);

    private static BatchState Fill(BatchState batch)
    {
        var work = Work(batch.Submission!);
        return batch with
        {
            NextShard = Shards,
            Running = [.. Enumerable.Range(900, Places).Select(shard => new RunningShard(shard, 99, 9_999, Tally(1)))],
            Parked = [.. Enumerable.Range(800, BeforeFolding - 1).Select(shard => new ParkedShard(shard, 99, Late, Tally(1)))],
            ParkedFiles = [.. Enumerable.Repeat(new ParkedSegment(work, 999, Late, Tally(1)), Files)],
            Ends = [.. Enumerable.Range(700, BeforeFolding - 1).Select(shard => new EndedShard(shard, Parts(shard), null))],
            EndFiles = [.. Enumerable.Repeat(new EndedSegment(work, 999), Files)],
            Ended = Tally(16),
        };
    }

    // All the other shards have ended meanwhile, and fill the files of ends.
    private static BatchState LastEnd(BatchState batch)
    {
        var work = Work(batch.Submission!);
        var one = batch with
        {
            Running = [batch.Running[0]],
            Parked = [],
            ParkedFiles = [],
            EndFiles = [.. Enumerable.Repeat(new EndedSegment(work, 1), Files - 1), new(work, Shards - batch.Ends.Length - Files)],
        };
        return Told(one, new BatchEvent.ShardEnded(new(one.Running[0].Shard, Parts(900), null), Tally(1), Late));
    }

    private static ShardTally Tally(int providers) => new()
    {
        Completed = 1_000,
        Failed = 1_000,
        Usage = Usage,
        CostNanos = 999_999_999_999_999,
        Providers = Providers.Take(providers).ToImmutableSortedDictionary(id => id, _ => 1_000_000),
    };

    // Four blocks is what the state holds of one shard; more are in a file.
    private static ShardParts Parts(int shard) => new([Block(shard, 0), Block(shard, 1)], [Block(shard, 0)], [Block(shard, 0)]);

    private static BlobBlock Block(int shard, int part) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{shard:D6}-{part:D4}-{Hash}"), 4_194_304);

    private static string Work(BatchSubmission submission) => BlobNames.Kept(submission.Workspace, Id, Hash);
}
