using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Tests.Fixtures;
using static Phaseo.Orleans.Tests.Batches.BatchScenes;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class BatchTransitionTests
{
    public static TheoryData<string, string, string> Steps { get; } = TextTable.Cells("""
        status          step
        None            Rest
        Validating      Validate
        InProgress      RunShards
        InProgressLast  RunShards
        Cancelling      CloseShards
        CancellingLast  CloseShards
        CancellingAll   CompleteFiles
        Finalizing      CloseShards
        FinalizingLast  CloseShards
        FinalizingLate  CompleteFiles
        FinalizingAll   CompleteFiles
        Completed       EmptyOutbox
        CompletedTold   Forget
        Failed          EmptyOutbox
        Expired         EmptyOutbox
        Cancelled       EmptyOutbox
        Abandoned       Forget
        """);

    [Theory]
    [MemberData(nameof(Steps))]
    public void State_says_what_is_owed(string scene, string column, string step)
    {
        var next = BatchSteps.Next(Of(scene));

        Assert.Equal("step", column);
        Assert.Equal(step, next.ToString());
    }

    [Fact]
    public void Completed_batch_has_the_times_of_its_way()
    {
        var view = BatchViews.Of(Of("Completed"), [])!;

        Assert.Equal((Start, Start.AddHours(24)), (view.CreatedAt, view.ExpiresAt));
        Assert.Equal((At(1), At(5), At(7)), (view.InProgressAt, view.FinalizingAt, view.CompletedAt));
        Assert.Equal((null, null, null, null), (view.CancellingAt, view.CancelledAt, view.ExpiredAt, view.FailedAt));
    }

    [Fact]
    public void Cancelled_batch_was_never_finalizing()
    {
        var view = BatchViews.Of(Of("Cancelled"), [])!;

        Assert.Equal((At(4), At(7), null), (view.CancellingAt, view.CancelledAt, view.FinalizingAt));
        Assert.Equal((null, null, null), (view.CompletedAt, view.ExpiredAt, view.FailedAt));
    }

    [Fact]
    public void Expired_batch_was_finalizing_from_its_deadline_on()
    {
        var view = BatchViews.Of(Of("Expired"), [])!;

        Assert.Equal((At(4), At(7)), (view.FinalizingAt, view.ExpiredAt));
        Assert.Equal((null, null, null), (view.CompletedAt, view.CancellingAt, view.CancelledAt));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Cancelled")]
    [InlineData("Expired")]
    public void Batch_that_ended_while_validating_has_no_rows_and_no_files(string status)
    {
        var change = status switch
        {
            "Failed" => (BatchEvent)new BatchEvent.ValidationFailed("ws/faults", At(4)),
            "Cancelled" => Cancel,
            _ => Deadline,
        };

        var batch = Told(Validating, change);
        var view = BatchViews.Of(batch, [])!;

        Assert.Equal((status, status), (batch.Status.ToString(), batch.Outcome.ToString()));
        Assert.Equal((0, 0, 0), (view.Total, view.Completed, view.Failed));
        Assert.Equal((null, null), (view.OutputFileId, view.ErrorFileId));
        Assert.Equal((At(4), null), (batch.EndedAt, view.FinalizingAt));
        Assert.Equal(status == "Cancelled" ? At(4) : null, view.CancellingAt);
    }

    [Fact]
    public void File_ids_are_set_with_the_outcome_and_shown_at_the_end()
    {
        var before = Of("FinalizingAll");
        var after = Told(before, FilesDone);

        Assert.Null(Of("InProgressLast").OutputFileId);
        Assert.Equal(Ids.FileOf(At(5), Id, "output"), before.OutputFileId);
        Assert.Equal(Ids.FileOf(At(5), Id, "errors"), before.ErrorFileId);
        Assert.Null(BatchViews.Of(before, [])!.OutputFileId);
        Assert.Equal(before.OutputFileId, BatchViews.Of(after, [])!.OutputFileId);
        Assert.Null(BatchViews.Of(after, [])!.ErrorFileId);
    }

    [Fact]
    public void Cancelled_batch_gets_its_file_ids_when_its_last_shard_has_ended()
    {
        Assert.Null(Of("CancellingLast").OutputFileId);
        Assert.Equal(BatchStatus.None, Of("CancellingLast").Outcome);
        Assert.Equal(Ids.FileOf(At(5), Id, "output"), Of("CancellingAll").OutputFileId);
        Assert.Equal(BatchStatus.Cancelled, Of("CancellingAll").Outcome);
    }

    [Fact]
    public void Batch_past_its_deadline_keeps_the_ids_that_it_got_there()
    {
        Assert.Equal(Ids.FileOf(At(4), Id, "output"), Of("Finalizing").OutputFileId);
        Assert.Equal(Of("Finalizing").OutputFileId, Of("Expired").OutputFileId);
    }

    [Fact]
    public void Report_replaces_the_figures_and_never_adds_to_them()
    {
        var batch = Told(InProgress, new BatchEvent.ShardReported(0, 2, 6, Rows(3)), new BatchEvent.ShardReported(0, 2, 7, Rows(4)));

        Assert.Equal(Rows(4), batch.Running[0].Tally);
        Assert.Equal(7, batch.Running[0].Sequence);
        Assert.Equal(5, batch.Tally.Completed);
    }

    [Fact]
    public void Raised_epoch_keeps_the_figures_and_starts_the_sequence_over()
    {
        var batch = Told(InProgress, new BatchEvent.ShardReported(0, 2, 6, Rows(1)), new BatchEvent.EpochRaised(0));

        Assert.Equal(new RunningShard(0, 3, 0, Rows(1)), batch.Running[0]);
    }

    [Fact]
    public void Woken_shard_runs_under_a_new_epoch_with_its_figures()
    {
        var parked = Told(InProgress, new BatchEvent.ShardParked(0, 2, Rows(1), At(99)));
        var woken = Told(parked, new BatchEvent.ShardsWoken([0]));

        Assert.Equal(new ParkedShard(0, 2, At(99), Rows(1)), parked.Parked[^1]);
        Assert.Equal(new RunningShard(0, 3, 0, Rows(1)), Assert.Single(woken.Running));
        Assert.Equal(parked.Tally.Completed, woken.Tally.Completed);
    }

    [Fact]
    public void One_shard_is_chosen_by_the_write_that_says_that_the_input_is_good()
    {
        var batch = Told(Validating, new BatchEvent.Validated(1, "sim/echo", 1, null, OneSlice, At(1)));

        Assert.Equal((1, 1), (batch.NextShard, batch.ShardCount));
        Assert.Equal(new RunningShard(0, 1, 0, ShardTally.Zero), Assert.Single(batch.Running));
    }

    [Fact]
    public void No_more_shards_are_chosen_than_there_are()
    {
        var batch = Told(InProgress, new BatchEvent.ShardsChosen(4, 100));

        Assert.Equal(ShardCount, batch.NextShard);
        Assert.Equal([0, 4], batch.Running.Select(running => running.Shard));
    }

    [Fact]
    public void Folding_moves_shards_and_no_figures()
    {
        var ends = Told(InProgressLast, new BatchEvent.EndsFolded([2, 1], [], "ws/ends"));
        var again = Told(ends, new BatchEvent.EndsFolded([3, 4], ["ws/ends"], "ws/all"));

        Assert.Equal(InProgressLast.Tally, again.Tally);
        Assert.Equal((4, 4), (ends.EndedCount, again.EndedCount));
        Assert.Equal(new EndedSegment("ws/all", 4), Assert.Single(again.EndFiles));
        Assert.Empty(again.Ends);
    }

    [Fact]
    public void Shard_taken_out_of_a_file_leaves_the_rest_there()
    {
        ParkedSegment rest = new("ws/rest", 7, At(100), Rows(2));

        var batch = Told(InProgress, new BatchEvent.ParkedUnfolded(WaitingFile, [new(3, 1, At(90), Rows(1))], rest));

        Assert.Equal([1, 3], batch.Parked.Select(parked => parked.Shard));
        Assert.Equal(rest, Assert.Single(batch.ParkedFiles));
        Assert.Equal(4, batch.Tally.Completed);
    }

    [Fact]
    public void Only_the_providers_that_served_most_are_kept()
    {
        var providers = Enumerable.Range(0, 40).Select(n => KeyValuePair.Create($"p{n:D2}", n + 1));
        var tally = Rows(1) with { Providers = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(providers) };
        var running = Told(InProgress, new BatchEvent.ShardReported(0, 2, 6, tally));
        var ended = Told(InProgress, new BatchEvent.ShardEnded(new(0, null, "ws/parts"), tally, At(5)));

        Assert.Equal("p39", Assert.Single(running.Running[0].Tally.Providers).Key);
        Assert.Equal(16, ended.Ended.Providers.Count);
        Assert.Equal("p39", BatchViews.Of(ended, [])!.Provider);
    }

    [Fact]
    public void Nobody_sees_a_batch_without_a_state_or_an_abandoned_one()
    {
        Assert.Null(BatchViews.Of(new(), []));
        Assert.Null(BatchViews.Of(Of("Abandoned"), []));
    }
}
