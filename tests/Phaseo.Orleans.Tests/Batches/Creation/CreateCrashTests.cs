using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Claims;

namespace Phaseo.Orleans.Tests.Batches.Creation;

/// <summary>What becomes of a create that dies, stalls or fails between any two of its steps.</summary>
[Collection(ClaimTests.Name)]
public sealed class CreateCrashTests(ClaimCluster cluster)
{
    private readonly CreationScene _scene = new(cluster);

    public static TheoryData<string> Steps => [.. CreationScene.Steps];

    public static TheoryData<string> StepsBeforeTheState => ["reference", "open", "reminder", "state"];

    public static TheoryData<string, bool> Failures
    {
        get
        {
            var failures = new TheoryData<string, bool>();
            foreach (var step in CreationScene.Steps)
            {
                failures.Add(step, false);
                failures.Add(step, true);
            }

            return failures;
        }
    }

    [Theory, MemberData(nameof(StepsBeforeTheState))]
    public async Task Dead_create_is_finished_under_its_id_by_the_next_identical_one(string step)
    {
        await DieBeforeAsync(step);
        var id = _scene.ClaimedId;

        var atOnce = await _scene.CreateAsync();
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));
        var later = await _scene.CreatedAsync();

        Assert.IsType<BatchCreation.InProgress>(atOnce);
        Assert.Equal(id, later.Id);
        _scene.AssertOnly(later);
    }

    [Fact]
    public async Task Dead_create_that_saved_the_state_is_answered_at_once()
    {
        await DieBeforeAsync("index");
        var id = _scene.ClaimedId;

        var next = Assert.IsType<BatchCreation.Created>(await _scene.CreateAsync());

        Assert.Equal((id, true), (next.Batch.Id, next.IsReplay));
    }

    [Theory, MemberData(nameof(StepsBeforeTheState))]
    public async Task Dead_create_that_nobody_repeats_leaves_nothing(string step)
    {
        await DieBeforeAsync(step);
        var open = _scene.Stores.Open.Count;

        await _scene.CleanUpLaterAsync();

        _scene.AssertNothing();
        Assert.Equal(open, _scene.Measured["phaseo.repairs create"]);
    }

    [Fact]
    public async Task Dead_create_that_saved_the_state_lives_and_is_driven()
    {
        await DieBeforeAsync("index");

        await _scene.CleanUpLaterAsync();

        Assert.Equal([_scene.ClaimedId], _scene.Batches.Driven);
        _scene.AssertOnly(_scene.Batches.States[_scene.ClaimedId]);
    }

    [Theory]
    [InlineData("abandon")]
    [InlineData("remove reminder")]
    [InlineData("remove reference")]
    [InlineData("remove open")]
    public async Task Dead_clean_up_is_finished_by_the_next(string step)
    {
        await DieBeforeAsync("state");
        _scene.DieBefore(step);
        await _scene.CleanUpLaterAsync();
        Assert.Single(_scene.Stores.Open);
        _scene.Restart();

        await _scene.CleanUpLaterAsync();

        _scene.AssertNothing();
    }

    [Theory, MemberData(nameof(StepsBeforeTheState))]
    public async Task Young_rows_are_left_alone(string step)
    {
        await DieBeforeAsync(step);
        _scene.Clock.Advance(TimeSpan.FromSeconds(299));

        await _scene.OpenBatches.StaleAsync(TestContext.Current.CancellationToken);
        await _scene.References.RunAsync(TestContext.Current.CancellationToken);

        Assert.Empty(_scene.Batches.States);
    }

    [Theory, MemberData(nameof(Steps))]
    public async Task Create_that_is_overtaken_agrees_with_the_one_that_overtook_it(string step)
    {
        var pause = _scene.PauseBefore(step);
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));

        var fast = await _scene.CreatedAsync();
        pause.Continue();

        Assert.Equal(fast.Id, Assert.IsType<BatchCreation.Created>(await slow).Batch.Id);
        _scene.AssertOnly(fast);
    }

    [Theory, MemberData(nameof(StepsBeforeTheState))]
    public async Task Create_that_comes_after_the_batch_has_ended_leaves_nothing(string step)
    {
        var pause = _scene.PauseBefore(step);
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));
        var fast = await _scene.CreatedAsync();
        _scene.Batches.Finish(fast.Id, _scene.Clock.GetUtcNow());

        pause.Continue();
        await slow;
        _scene.Batches.Reminders.Clear();
        _scene.Clock.Advance(TimeSpan.FromSeconds(16));
        await _scene.OpenBatches.StaleAsync(TestContext.Current.CancellationToken);

        Assert.Empty(_scene.Stores.Open);
        Assert.Empty(_scene.Stores.References);
        Assert.Equal(BatchStatus.Completed, Assert.Single(_scene.Batches.Live).Status);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("reminder")]
    [InlineData("state")]
    public async Task Create_that_was_given_up_starts_again_under_a_new_id(string step)
    {
        var pause = _scene.PauseBefore(step);
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        var id = _scene.ClaimedId;
        await _scene.CleanUpLaterAsync();

        pause.Continue();
        var batch = Assert.IsType<BatchCreation.Created>(await slow).Batch;

        Assert.NotEqual(id, batch.Id);
        Assert.Equal(batch.Id, _scene.ClaimedId);
        Assert.Equal(BatchStatus.Abandoned, _scene.Batches.States[id].Status);
        _scene.AssertOnly(batch);
    }

    [Fact]
    public async Task Create_that_was_given_up_and_overtaken_leaves_the_claim_to_the_other()
    {
        var pause = _scene.PauseBefore("state");
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        await _scene.CleanUpLaterAsync();
        var fast = await _scene.CreatedAsync();

        pause.Continue();

        Assert.IsType<BatchCreation.InProgress>(await slow);
        _scene.AssertOnly(fast);
        Assert.Equal(fast.Id, (await _scene.CreatedAsync()).Id);
    }

    [Theory, MemberData(nameof(Failures))]
    public async Task Failed_create_is_finished_by_the_next_without_a_wait(string step, bool isCarriedOut)
    {
        _scene.FailOnce(step, isCarriedOut);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _scene.CreateAsync());
        var id = _scene.ClaimedId;

        var next = await _scene.CreatedAsync();
        await _scene.CleanUpLaterAsync();

        Assert.Equal(id, next.Id);
        _scene.AssertOnly(next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failed_claim_is_made_all_the_same(bool isCarriedOut)
    {
        _scene.FailOnce("claim", isCarriedOut);

        var batch = await _scene.CreatedAsync();

        Assert.Equal(batch.Id, _scene.ClaimedId);
        _scene.AssertOnly(batch);
    }

    private async Task DieBeforeAsync(string step)
    {
        _scene.DieBefore(step);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _scene.CreateAsync());
        _scene.Restart();
    }
}
