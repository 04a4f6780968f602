using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches.Creation;
using Phaseo.Orleans.Tests.Claims;

namespace Phaseo.Orleans.Tests.Batches.Driving;

[Collection(ClaimTests.Name)]
public sealed class PassTests(ClaimCluster cluster)
{
    private readonly CreationScene _scene = new(cluster);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_drives_every_open_batch()
    {
        var first = await _scene.CreatedAsync(_scene.Request("a"));
        var second = await _scene.CreatedAsync(_scene.Request("b"));

        await _scene.OpenBatches.AllAsync("start", Cancel);

        Assert.Equivalent(new[] { first.Id, second.Id }, _scene.Batches.Driven, strict: true);
    }

    [Fact]
    public async Task Later_passes_drive_those_whose_heart_has_stopped()
    {
        var alive = await _scene.CreatedAsync(_scene.Request("a"));
        var silent = await _scene.CreatedAsync(_scene.Request("b"));
        _scene.Clock.Advance(TimeSpan.FromSeconds(10));
        await _scene.Stores.BeatAsync(_scene.Workspace, alive.Id, _scene.Clock.GetUtcNow(), Cancel);

        await _scene.OpenBatches.StaleAsync(Cancel);
        Assert.Empty(_scene.Batches.Driven);
        _scene.Clock.Advance(TimeSpan.FromSeconds(5.1));
        await _scene.OpenBatches.StaleAsync(Cancel);

        Assert.Equal([silent.Id], _scene.Batches.Driven);
    }

    [Fact]
    public async Task Silent_batches_of_others_are_driven_when_those_do_not()
    {
        _scene.Members.Set((0, SiloStatus.Active), (1, SiloStatus.Active));
        BatchView batch;
        do
        {
            batch = await _scene.CreatedAsync(_scene.Request(Guid.NewGuid().ToString("N")));
        }
        while (_scene.Range.Now()(batch.Id));

        _scene.Clock.Advance(TimeSpan.FromSeconds(44));
        await _scene.OpenBatches.StaleAsync(Cancel);
        Assert.DoesNotContain(batch.Id, _scene.Batches.Driven);
        _scene.Clock.Advance(TimeSpan.FromSeconds(2));
        await _scene.OpenBatches.StaleAsync(Cancel);

        Assert.Contains(batch.Id, _scene.Batches.Driven);
    }

    [Fact]
    public async Task Batch_that_cannot_be_driven_does_not_keep_the_others_waiting()
    {
        var bad = await _scene.CreatedAsync(_scene.Request("a"));
        var good = await _scene.CreatedAsync(_scene.Request("b"));
        _scene.Batches.OnDrive = id => id == bad.Id ? throw new TimeoutException() : Task.CompletedTask;

        await _scene.OpenBatches.AllAsync("start", Cancel);

        Assert.Equal([good.Id], _scene.Batches.Driven);
    }

    [Fact]
    public async Task Old_batch_with_a_state_is_driven_and_not_given_up()
    {
        var batch = await _scene.CreatedAsync();

        await _scene.CleanUpLaterAsync();

        Assert.Equal([batch.Id], _scene.Batches.Driven);
        Assert.Equal(0, _scene.Measured["phaseo.repairs create"]);
        _scene.AssertOnly(batch);
    }

    [Fact]
    public async Task Reference_of_an_ended_batch_is_released()
    {
        var batch = await _scene.CreatedAsync();
        _scene.Batches.Finish(batch.Id, _scene.Clock.GetUtcNow());
        await AddReferenceAsync(batch.Id);

        await _scene.CleanUpLaterAsync();

        Assert.Empty(_scene.Stores.References);
    }

    [Fact]
    public async Task Reference_of_a_running_batch_stays_even_if_its_open_row_is_lost()
    {
        var batch = await _scene.CreatedAsync();
        _scene.Stores.Open.Clear();

        await _scene.CleanUpLaterAsync();

        Assert.Equal([(_scene.FileId, batch.Id)], _scene.Stores.References.Keys);
    }

    [Fact]
    public async Task Reference_of_a_batch_that_never_was_is_released_and_the_id_is_spent()
    {
        var id = Ids.NewBatch(_scene.Clock.GetUtcNow());
        await AddReferenceAsync(id);

        await _scene.CleanUpLaterAsync();

        Assert.Empty(_scene.Stores.References);
        Assert.Equal(BatchStatus.Abandoned, _scene.Batches.States[id].Status);
        Assert.Equal(1, _scene.Measured["phaseo.repairs reference"]);
    }

    [Fact]
    public async Task Index_row_that_missed_the_end_is_written_again()
    {
        var batch = await _scene.CreatedAsync();
        var lost = _scene.Stores.Index[batch.Id];
        _scene.Batches.Finish(batch.Id, _scene.Clock.GetUtcNow());
        _scene.Stores.Index[batch.Id] = lost;

        await _scene.Index.RunAsync(Cancel);
        Assert.False(_scene.Stores.Index[batch.Id].Terminal);
        _scene.Clock.Advance(TimeSpan.FromMinutes(1));
        await _scene.Index.RunAsync(Cancel);

        Assert.Equal(1, _scene.Measured["phaseo.repairs index"]);
        Assert.Equal((true, "completed"), (_scene.Stores.Index[batch.Id].Terminal, _scene.Stores.Index[batch.Id].Status));
    }

    [Fact]
    public async Task Index_rows_of_open_batches_are_left_to_them()
    {
        var batch = await _scene.CreatedAsync();
        _scene.Batches.Change(batch.Id, state => state with { Status = BatchStatus.Completed, CompletedAt = _scene.Clock.GetUtcNow() });
        _scene.Clock.Advance(TimeSpan.FromMinutes(1));

        await _scene.Index.RunAsync(Cancel);

        Assert.Equal("validating", _scene.Stores.Index[batch.Id].Status);
    }

    private Task AddReferenceAsync(string batchId) => _scene.Stores.AddAsync(
        new FileReference(_scene.Workspace, _scene.FileId, batchId, _scene.Clock.GetUtcNow()), Cancel);
}
