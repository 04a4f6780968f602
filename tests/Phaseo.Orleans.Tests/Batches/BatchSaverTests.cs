using Orleans.Storage;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;
using static Phaseo.Orleans.Tests.Batches.BatchScenes;
using static Phaseo.Orleans.Tests.Batches.FakeBatchStorage;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class BatchSaverTests
{
    private readonly FakeBatchStorage _storage = new() { State = InProgress, Row = InProgress };
    private readonly BatchSaver _saver;

    public BatchSaverTests() => _saver = new(_storage);

    [Fact]
    public async Task Nothing_is_shown_before_it_is_saved()
    {
        _storage.HoldsWrites = true;
        _saver.Apply(Cancel);

        var save = _saver.SaveAsync();

        Assert.Equal((BatchStatus.InProgress, BatchStatus.Cancelling), (_saver.Saved.Status, _saver.Working.Status));
        Assert.False(save.IsCompleted);
        _storage.Release(Answer.Done);
        await save;
        Assert.Equal(BatchStatus.Cancelling, _saver.Saved.Status);
        Assert.Equal(_storage.Row, _saver.Saved);
        Assert.False(_saver.IsDirty);
    }

    [Fact]
    public async Task What_changes_nothing_is_not_written()
    {
        Assert.False(_saver.Apply(new BatchEvent.OutboxEmptied()));

        await _saver.SaveAsync();

        Assert.Equal(0, _storage.Writes);
    }

    [Fact]
    public async Task Every_save_has_a_version_and_an_operation_of_its_own()
    {
        _saver.Apply(new BatchEvent.EpochRaised(0));
        await _saver.SaveAsync();
        var first = _storage.Row;
        _saver.Apply(new BatchEvent.EpochRaised(0));
        await _saver.SaveAsync();

        Assert.Equal((1, 2), (first.Version, _storage.Row.Version));
        Assert.NotNull(first.Operation);
        Assert.NotEqual(first.Operation, _storage.Row.Operation);
    }

    [Fact]
    public async Task What_happens_before_a_write_starts_goes_out_with_it()
    {
        _saver.Apply(new BatchEvent.EpochRaised(0));
        _saver.Apply(Cancel);

        await Task.WhenAll(_saver.SaveAsync(), _saver.SaveAsync());

        Assert.Equal(1, _storage.Writes);
        Assert.Equal((BatchStatus.Cancelling, 3), (_storage.Row.Status, _storage.Row.Running[0].Epoch));
    }

    [Fact]
    public void What_happens_during_a_write_goes_out_with_the_next_one()
    {
        using var turns = new Turns();
        _storage.HoldsWrites = true;
        _saver.Apply(new BatchEvent.EpochRaised(0));
        var first = turns.Start(_saver.SaveAsync);
        turns.Until("first write", () => _storage.Writes == 1);
        _saver.Apply(Cancel);
        Task[] later = [turns.Start(_saver.SaveAsync), turns.Start(_saver.SaveAsync)];

        _storage.Release(Answer.Done);
        turns.Until("second write", () => first.IsCompletedSuccessfully && _storage.Writes == 2);
        Assert.Equal(BatchStatus.InProgress, _saver.Saved.Status);
        Assert.True(_saver.IsDirty);
        _storage.Release(Answer.Done);
        turns.Until("end", () => later.All(save => save.IsCompletedSuccessfully));

        Assert.Equal(2, _storage.Writes);
        Assert.Equal(BatchStatus.Cancelling, _saver.Saved.Status);
    }

    [Theory]
    [InlineData(Answer.Refused)]
    [InlineData(Answer.TimedOut)]
    internal async Task Failed_write_leaves_the_batch_as_it_was(Answer answer)
    {
        _storage.Answers.Enqueue(answer);
        _saver.Apply(Cancel);

        await Assert.ThrowsAsync<StorageUnavailableException>(_saver.SaveAsync);

        Assert.Equal(BatchStatus.InProgress, _saver.Working.Status);
        Assert.Same(_saver.Saved, _saver.Working);
        Assert.False(_saver.IsDirty);
        Assert.True(_saver.Apply(Cancel));
        await _saver.SaveAsync();
        Assert.Equal(BatchStatus.Cancelling, _storage.Row.Status);
    }

    [Fact]
    public void Failed_write_fails_everyone_who_waits_and_forgets_what_came_meanwhile()
    {
        using var turns = new Turns();
        _storage.HoldsWrites = true;
        _saver.Apply(new BatchEvent.EpochRaised(0));
        var first = turns.Start(_saver.SaveAsync);
        turns.Until("write", () => _storage.Writes == 1);
        _saver.Apply(Cancel);
        Task[] all = [first, turns.Start(_saver.SaveAsync), turns.Start(_saver.SaveAsync)];
        turns.TakeAll();

        _storage.Release(Answer.Refused);
        turns.Until("end", () => all.All(save => save.IsCompleted));

        Assert.All(all, save => Assert.IsType<StorageUnavailableException>(save.Exception?.InnerException));
        Assert.Equal((BatchStatus.InProgress, 2), (_saver.Working.Status, _saver.Working.Running[0].Epoch));
        Assert.Equal(1, _storage.Writes);
    }

    [Fact]
    public async Task Write_whose_answer_was_lost_is_known_by_its_operation()
    {
        _storage.Answers.Enqueue(Answer.Lost);
        _saver.Apply(Cancel);

        await _saver.SaveAsync();

        Assert.Equal(BatchStatus.Cancelling, _saver.Saved.Status);
        Assert.Equal(_storage.Row.Operation, _saver.Saved.Operation);
    }

    [Fact]
    public async Task Write_of_another_activation_is_a_conflict()
    {
        var stranger = Told(InProgress, Deadline) with { Operation = "theirs", Version = 1 };
        _storage.Row = stranger;
        _storage.Answers.Enqueue(Answer.Refused);
        _saver.Apply(Cancel);

        await Assert.ThrowsAsync<InconsistentStateException>(_saver.SaveAsync);

        Assert.Same(stranger, _saver.Saved);
        Assert.Same(stranger, _saver.Working);
    }

    [Fact]
    public async Task Write_that_can_not_be_read_back_is_settled_before_the_next_one()
    {
        _storage.Answers.Enqueue(Answer.Lost);
        _storage.ReadsFail.Enqueue(true);
        _saver.Apply(Cancel);
        await Assert.ThrowsAsync<StorageUnavailableException>(_saver.SaveAsync);
        Assert.Equal(BatchStatus.InProgress, _saver.Saved.Status);
        _saver.Apply(Deadline);

        await Assert.ThrowsAsync<StorageUnavailableException>(_saver.SaveAsync);

        Assert.Equal((BatchStatus.Cancelling, BatchStatus.Cancelling), (_saver.Saved.Status, _saver.Working.Status));
        Assert.Equal(1, _storage.Writes);
    }

    [Fact]
    public async Task Write_that_was_never_applied_is_followed_by_the_next_one()
    {
        _storage.Answers.Enqueue(Answer.Refused);
        _storage.ReadsFail.Enqueue(true);
        _saver.Apply(Cancel);
        await Assert.ThrowsAsync<StorageUnavailableException>(_saver.SaveAsync);
        _saver.Apply(Deadline);

        await _saver.SaveAsync();

        Assert.Equal(BatchStatus.Finalizing, _storage.Row.Status);
    }

    [Fact]
    public async Task State_that_is_too_large_is_refused_before_storage()
    {
        var large = new string('x', BatchSaver.MaxStoredBytes);
        _saver.Apply(new BatchEvent.ShardEnded(new(0, null, large), Rows(1), At(5)));

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(_saver.SaveAsync);

        Assert.Equal(0, _storage.Writes);
        Assert.Same(_saver.Saved, _saver.Working);
        Assert.Contains("it may have 60416", refusal.Message, StringComparison.Ordinal);
        _saver.Apply(Cancel);
        await _saver.SaveAsync();
        Assert.Equal(BatchStatus.Cancelling, _storage.Row.Status);
    }

    [Fact]
    public async Task State_that_is_full_can_still_be_cancelled()
    {
        var room = BatchSaver.MaxStoredBytes - BatchSaver.ReservedBytes;
        var filler = room - (await SizeWithAsync("")) - 1;
        _saver.Apply(new BatchEvent.ShardEnded(new(0, null, new string('x', filler)), Rows(1), At(5)));
        await _saver.SaveAsync();
        Assert.InRange(_saver.StoredBytes, room - 8, room);

        _saver.Apply(Cancel);
        await _saver.SaveAsync();

        Assert.Equal(BatchStatus.Cancelling, _storage.Row.Status);
    }

    private static async Task<int> SizeWithAsync(string file)
    {
        var saver = new BatchSaver(new FakeBatchStorage { State = InProgress, Row = InProgress });
        saver.Apply(new BatchEvent.ShardEnded(new(0, null, file), Rows(1), At(5)));
        await saver.SaveAsync();
        return saver.StoredBytes;
    }
}
