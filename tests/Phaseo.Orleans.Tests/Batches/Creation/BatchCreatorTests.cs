using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Tests.Claims;

namespace Phaseo.Orleans.Tests.Batches.Creation;

[Collection(ClaimTests.Name)]
public sealed class BatchCreatorTests(ClaimCluster cluster)
{
    private readonly CreationScene _scene = new(cluster);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_makes_one_batch_with_all_that_belongs_to_it()
    {
        var request = _scene.Request();
        var now = _scene.Clock.GetUtcNow();

        var created = Assert.IsType<BatchCreation.Created>(await _scene.CreateAsync(request));

        Assert.False(created.IsReplay);
        Assert.Equal(
            (_scene.Workspace, BatchStatus.Validating, request.Request, request.RequestId, now, now.AddHours(24)),
            (created.Batch.Workspace, created.Batch.Status, created.Batch.Request, created.Batch.RequestId,
                created.Batch.CreatedAt, created.Batch.ExpiresAt));
        var open = Assert.Single(_scene.Stores.Open.Values);
        Assert.Equal((_scene.FileId, now, now.AddHours(24), now), (open.FileId, open.CreatedAt, open.Deadline, open.Heartbeat));
        _scene.AssertOnly(created.Batch);
    }

    [Fact]
    public async Task Same_key_and_body_get_the_first_answer_however_far_the_batch_has_come()
    {
        var first = await _scene.CreatedAsync();
        _scene.Batches.Change(first.Id, batch => batch with
        {
            Status = BatchStatus.InProgress,
            Total = 7,
            Completed = 3,
            Model = "m",
            InProgressAt = _scene.Clock.GetUtcNow(),
        });

        var second = Assert.IsType<BatchCreation.Created>(await _scene.CreateAsync());

        Assert.True(second.IsReplay);
        Assert.Equivalent(first, second.Batch, strict: true);
    }

    [Fact]
    public async Task Same_key_and_another_body_are_refused()
    {
        var first = await _scene.CreatedAsync();

        Assert.IsType<BatchCreation.KeyReused>(await _scene.CreateAsync(_scene.Request(bodyHash: "body-2")));
        _scene.AssertOnly(first);
    }

    [Fact]
    public async Task Key_is_the_workspaces_and_the_routes_own()
    {
        var first = await _scene.CreatedAsync();
        var other = new CreationScene(cluster);

        var elsewhere = await other.CreatedAsync();
        var otherRoute = await _scene.CreatedAsync(_scene.Request() with { Route = "retry" });

        Assert.Equal(3, new[] { first.Id, elsewhere.Id, otherRoute.Id }.Distinct().Count());
    }

    [Fact]
    public async Task Key_is_shared_by_the_workspaces_api_keys()
    {
        var first = await _scene.CreatedAsync();

        var second = await _scene.CreatedAsync(_scene.Request() with { ApiKeyId = "api-key-2" });

        Assert.Equal(first.Id, second.Id);
    }

    [Fact]
    public async Task Same_body_without_a_key_is_a_new_batch_once_the_first_answer_was_delivered()
    {
        var request = _scene.Request(key: null);
        var first = await _scene.CreatedAsync(request);
        await _scene.Creator.MarkDeliveredAsync(request, first.Id);

        var second = await _scene.CreatedAsync(request);

        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task Same_body_without_a_key_gets_the_batch_whose_answer_nobody_can_have_read()
    {
        var request = _scene.Request(key: null);
        var first = await _scene.CreatedAsync(request);
        _scene.Clock.Advance(TimeSpan.FromMinutes(14));

        var second = Assert.IsType<BatchCreation.Created>(await _scene.CreateAsync(request));
        _scene.Clock.Advance(TimeSpan.FromMinutes(1));
        var late = await _scene.CreatedAsync(request);

        Assert.Equal((first.Id, true), (second.Batch.Id, second.IsReplay));
        Assert.NotEqual(first.Id, late.Id);
    }

    [Fact]
    public async Task Retry_of_the_clients_library_gets_the_delivered_batch()
    {
        var request = _scene.Request(key: null);
        var first = await _scene.CreatedAsync(request);
        await _scene.Creator.MarkDeliveredAsync(request, first.Id);

        var second = await _scene.CreatedAsync(request with { RetryCount = 1 });

        Assert.Equal(first.Id, second.Id);
    }

    [Fact]
    public async Task Same_body_of_another_api_key_is_another_batch()
    {
        var request = _scene.Request(key: null);
        var first = await _scene.CreatedAsync(request);

        var second = await _scene.CreatedAsync(request with { ApiKeyId = "api-key-2" });

        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task Key_is_free_again_when_its_time_is_over()
    {
        var first = await _scene.CreatedAsync();
        _scene.Clock.Advance(TimeSpan.FromHours(24));
        Assert.Equal(0, await _scene.Stores.RemoveExpiredAsync(_scene.Clock.GetUtcNow(), Cancel));
        Assert.Equal(first.Id, (await _scene.CreatedAsync()).Id);
        _scene.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await _scene.Stores.RemoveExpiredAsync(_scene.Clock.GetUtcNow(), Cancel));
        Assert.NotEqual(first.Id, (await _scene.CreatedAsync()).Id);
    }

    [Theory]
    [InlineData("key-1")]
    [InlineData(null)]
    public async Task Fifty_identical_creates_at_once_make_one_batch(string? key)
    {
        _scene.Stores.OnWrite = async (_, write) =>
        {
            await Task.Yield();
            write();
        };

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(CreateInTheEndAsync, Cancel)));

        Assert.Single(ids.Distinct());
        _scene.AssertOnly(Assert.Single(_scene.Batches.Live));

        async Task<string> CreateInTheEndAsync()
        {
            while (true)
            {
                if (await _scene.CreateAsync(_scene.Request(key)) is BatchCreation.Created created)
                {
                    return created.Batch.Id;
                }

                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Create_that_is_being_worked_on_is_answered_with_a_time_to_come_back()
    {
        var pause = _scene.PauseBefore("state");
        var first = _scene.CreateAsync();
        await pause.Arrived;

        var second = await _scene.CreateAsync();
        pause.Continue();
        await first;

        Assert.Equal(new BatchCreation.InProgress(TimeSpan.FromSeconds(1)), second);
    }

    [Fact]
    public async Task Client_that_leaves_does_not_stop_the_create()
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var pause = _scene.PauseBefore("open");
        var create = _scene.Creator.CreateAsync(_scene.Request(), leaving.Token);
        await pause.Arrived;

        await leaving.CancelAsync();
        pause.Continue();

        _scene.AssertOnly(Assert.IsType<BatchCreation.Created>(await create).Batch);
    }
}
