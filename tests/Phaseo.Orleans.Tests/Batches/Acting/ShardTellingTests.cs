using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Acting;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Acting;

public sealed class ShardTellingTests
{
    private const int Shards = 4;
    private readonly FakeTimeProvider _clock = new(BatchScenes.Start);
    private readonly StubShards _shards;
    private readonly FakeMembers _members = new(active: 2);
    private readonly BatchSaver _saver;
    private readonly ShardTelling _telling;

    public ShardTellingTests()
    {
        (var factory, _shards) = StubShards.Create();
        var state = BatchScenes.Told(
            BatchScenes.Validating,
            new BatchEvent.Validated(Shards, "m", Shards, "ws/plan", null, BatchScenes.Start),
            new BatchEvent.ShardsChosen(0, Shards));
        var blobs = new MemoryBlobs();
        var services = new BatchServices(
            blobs, null!, null!, null!, null!, null!, null!, null!, Options.Create(new BatchOptions()), _members.Roles(), null!, null!, _clock);
        var plan = services.WorkFiles.WritePlanAsync("ws", BatchScenes.Id, [.. Enumerable.Range(0, Shards).Select(shard => default(ShardSlice))], CancellationToken.None);
        _saver = new(new FakeBatchStorage { State = state with { PlanFile = plan.GetAwaiter().GetResult() } });
        var batch = new ActContext(BatchScenes.Id, services, _saver, RecordAsync, change => _saver.Apply(change), factory);
        _telling = new(batch, new(batch));
    }

    [Fact]
    public void All_are_asked_though_none_answers()
    {
        _shards.Answer = _ => Silence;

        _ = _telling.TellAsync(CancellationToken.None);

        Assert.Equal(["ensure 0:1", "ensure 1:1", "ensure 2:1", "ensure 3:1"], _shards.Asked);
    }

    [Fact]
    public async Task All_are_asked_again_when_what_they_said_is_doubted_and_not_before()
    {
        await _telling.TellAsync(CancellationToken.None);
        await _telling.TellAsync(CancellationToken.None);
        Assert.Equal(Shards, _shards.Asked.Count);

        _telling.Doubt();
        await _telling.TellAsync(CancellationToken.None);

        Assert.Equal(2 * Shards, _shards.Asked.Count);
    }

    [Fact]
    public async Task One_that_was_told_to_stop_is_told_again_when_what_it_said_is_doubted_and_not_before()
    {
        var running = _saver.Saved.Running[1];
        Assert.True(await _telling.StopAsync(running, ShardOutcome.Cancelled, TimeSpan.Zero));
        Assert.True(await _telling.StopAsync(running, ShardOutcome.Cancelled, TimeSpan.Zero));
        Assert.Single(_shards.Asked);

        _shards.Answer = _ => Task.FromResult(ShardAnswer.NotRunning);
        _telling.Doubt();

        Assert.False(await _telling.StopAsync(running, ShardOutcome.Cancelled, TimeSpan.Zero));
    }

    [Fact]
    public async Task One_that_does_not_answer_is_waited_for_for_a_moment_and_looked_at_again()
    {
        _shards.Answer = key => key == "2:1" ? Silence : Running;

        var telling = _telling.TellAsync(CancellationToken.None);
        _clock.Advance(ShardTelling.AnswerLimit);
        await telling;
        _ = _telling.TellAsync(CancellationToken.None);

        Assert.True(_telling.IsAnySilent);
        Assert.All(_saver.Saved.Running, running => Assert.Equal(1, running.Epoch));
        Assert.Equal(Shards, _shards.Asked.Count);
    }

    [Fact]
    public async Task One_that_stays_silent_is_started_under_a_higher_epoch_and_another_key()
    {
        _shards.Answer = key => key == "2:1" ? Silence : Running;

        await AskUntilAsync(ShardTelling.SilenceLimit);

        Assert.False(_telling.IsAnySilent);
        Assert.Equal([1L, 1, 2, 1], _saver.Saved.Running.Select(running => running.Epoch));
        Assert.Equal("start 2:2", Assert.Single(_shards.Asked, asked => !asked.StartsWith("ensure", StringComparison.Ordinal)));
        Assert.Equal(Shards - 1, _shards.Asked.Count(asked => asked is "ensure 0:1" or "ensure 1:1" or "ensure 3:1"));
    }

    [Fact]
    public async Task Answers_that_came_while_the_batch_itself_stood_still_count()
    {
        var answer = new TaskCompletionSource<ShardAnswer>();
        _shards.Answer = _ => answer.Task;

        var telling = _telling.TellAsync(CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await telling;
        answer.SetResult(ShardAnswer.Running);
        await _telling.TellAsync(CancellationToken.None);

        Assert.False(_telling.IsAnySilent);
        Assert.All(_saver.Saved.Running, running => Assert.Equal(1, running.Epoch));
        Assert.Equal(Shards, _shards.Asked.Count);
    }

    [Fact]
    public async Task Start_that_is_not_answered_is_not_overtaken_by_the_question_whether_it_runs()
    {
        var answer = new TaskCompletionSource<ShardAnswer>();
        _shards.Answer = _ => answer.Task;

        var starting = _telling.StartAsync([2], CancellationToken.None);
        _clock.Advance(ShardTelling.AnswerLimit);
        await starting;
        var telling = _telling.TellAsync(CancellationToken.None);
        answer.SetResult(ShardAnswer.Running);
        await telling;

        Assert.Equal("start 2:1", Assert.Single(_shards.Asked, asked => asked.EndsWith("2:1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_that_reports_is_not_silent()
    {
        _shards.Answer = key => key == "2:1" ? Silence : Running;

        await AskUntilAsync(ShardTelling.SilenceLimit - ShardTelling.AnswerLimit);
        _telling.Heard(2);
        await AskUntilAsync(ShardTelling.AnswerLimit);

        Assert.Equal(1, _saver.Saved.Running[2].Epoch);
    }

    [Fact]
    public async Task Starts_that_are_not_answered_hold_up_no_others()
    {
        _shards.Answer = key => key.StartsWith('3') ? Running : Silence;

        var starting = _telling.StartAsync(Enumerable.Range(0, Shards), CancellationToken.None);
        Assert.Equal(["start 0:1", "start 1:1", "start 2:1", "start 3:1"], _shards.Asked);
        _clock.Advance(ShardTelling.AnswerLimit);
        await starting;

        Assert.True(_telling.IsAnySilent);
    }

    [Fact]
    public async Task One_on_a_silo_that_runs_none_is_soon_started_under_another_key_which_is_placed_anew()
    {
        _shards.Answer = key => key == "2:1" ? Elsewhere : Running;

        await _telling.StartAsync(Enumerable.Range(0, Shards), CancellationToken.None);
        var askAgainIn = _telling.AskAgainIn;
        await _telling.TellAsync(CancellationToken.None);

        Assert.InRange(askAgainIn!.Value, TimeSpan.FromMilliseconds(1), ShardTelling.AnswerLimit);
        Assert.Equal(["start 2:1", "start 2:2"], _shards.Asked.Where(asked => asked.Contains(" 2:", StringComparison.Ordinal)));
        Assert.Equal([1L, 1, 2, 1], _saver.Saved.Running.Select(running => running.Epoch));
        Assert.Null(_telling.AskAgainIn);
    }

    [Fact]
    public async Task Without_a_worker_a_shard_on_a_silo_that_runs_none_is_left_alone()
    {
        _shards.Answer = _ => Elsewhere;
        _members.Set();

        await _telling.StartAsync(Enumerable.Range(0, Shards), CancellationToken.None);
        await _telling.TellAllAsync(CancellationToken.None);

        Assert.Null(_telling.AskAgainIn);
        Assert.Equal(Shards, _shards.Asked.Count);
        Assert.All(_saver.Saved.Running, running => Assert.Equal(1, running.Epoch));
    }

    [Fact]
    public async Task Two_who_ask_at_once_raise_an_epoch_once()
    {
        var answer = new TaskCompletionSource<ShardAnswer>();
        _shards.Answer = key => key.EndsWith(":1", StringComparison.Ordinal) ? answer.Task : Running;

        var telling = Task.WhenAll(_telling.TellAllAsync(CancellationToken.None), _telling.TellAllAsync(CancellationToken.None));
        answer.SetResult(ShardAnswer.NotRunning);
        await telling;

        Assert.All(_saver.Saved.Running, running => Assert.Equal(2, running.Epoch));
        Assert.Equal(2 * Shards, _shards.Asked.Count);
    }

    private static Task<ShardAnswer> Silence => new TaskCompletionSource<ShardAnswer>().Task;

    private static Task<ShardAnswer> Elsewhere => Task.FromResult(ShardAnswer.Elsewhere);

    private static Task<ShardAnswer> Running => Task.FromResult(ShardAnswer.Running);

    // Each question takes until its answer is no longer waited for.
    private async Task AskUntilAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += ShardTelling.AnswerLimit)
        {
            var telling = _telling.TellAsync(CancellationToken.None);
            _clock.Advance(ShardTelling.AnswerLimit);
            await telling;
        }
    }

    private async Task RecordAsync(BatchEvent[] changes)
    {
        foreach (var change in changes)
        {
            _saver.Apply(change);
        }

        await _saver.SaveAsync();
    }
}
