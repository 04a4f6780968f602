using System.Text;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Claims;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Files;

[Collection(ClaimTests.Name)]
public sealed class FileCreatorTests : IAsyncDisposable
{
    private readonly ClaimCluster _cluster;
    private readonly MemoryStores _stores = new();
    private readonly EmbeddedHome _home = new();
    private readonly string _workspace = "ws-" + Guid.NewGuid().ToString("N");
    private readonly FileCreator _creator;

    public FileCreatorTests(ClaimCluster cluster)
    {
        _cluster = cluster;
        cluster.Keep(_workspace, _stores);
        _creator = new(cluster.Grains, _stores, _home.Blobs);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Upload_becomes_a_file()
    {
        var upload = await UploadAsync();

        var created = await CreatedAsync(upload);

        Assert.Equal(new FileCreation.Created(upload.Upload, IsReplay: false), created);
        await AssertOnlyAsync(created.File);
    }

    [Theory]
    [InlineData("key-1")]
    [InlineData(null)]
    public async Task Repeated_upload_gives_the_first_file_and_its_bytes_are_removed(string? key)
    {
        var first = await CreatedAsync(await UploadAsync(key));

        var second = await CreatedAsync(await UploadAsync(key));

        Assert.Equal(first with { IsReplay = true }, second);
        await AssertOnlyAsync(first.File);
    }

    [Fact]
    public async Task Same_bytes_without_a_key_are_a_new_file_once_the_first_answer_was_delivered()
    {
        var upload = await UploadAsync(key: null);
        var first = await CreatedAsync(upload);
        await _creator.MarkDeliveredAsync(upload, first.File.Id);

        var second = await CreatedAsync(await UploadAsync(key: null));

        Assert.NotEqual(first.File.Id, second.File.Id);
        Assert.Equal(2, (await BlobsAsync()).Count);
    }

    [Fact]
    public async Task Same_key_and_other_bytes_are_refused_and_removed()
    {
        var first = await CreatedAsync(await UploadAsync());

        Assert.IsType<FileCreation.KeyReused>(await CreateAsync(await UploadAsync(bodyHash: "body-2")));
        await AssertOnlyAsync(first.File);
    }

    [Fact]
    public async Task Upload_that_died_before_its_record_is_finished_under_its_id_with_the_next_ones_bytes()
    {
        var dead = await DieHoldingAClaimAsync();

        var atOnce = await CreateAsync(await UploadAsync());
        _cluster.Clock.Advance(TimeSpan.FromSeconds(60));
        var next = await UploadAsync();
        var created = await CreatedAsync(next);

        Assert.IsType<FileCreation.InProgress>(atOnce);
        Assert.Equal((dead.Upload.Id, next.Upload.BlobName, false), (created.File.Id, created.File.BlobName, created.IsReplay));
        Assert.Equivalent(new[] { dead.Upload.BlobName, next.Upload.BlobName }, await BlobsAsync(), strict: true);
    }

    [Fact]
    public async Task Upload_that_waits_for_a_first_one_keeps_its_bytes_until_it_knows_whose_they_are()
    {
        var dead = await DieHoldingAClaimAsync();
        var (next, time) = (await UploadAsync(), new WatchedTime(_cluster.Clock));

        var waiting = _creator.CreateOrWaitAsync(next, time, Cancel);
        await time.TimerIsSetAsync(RunningRequest.Pause);
        _cluster.Clock.Advance(TimeSpan.FromSeconds(60));
        var created = Assert.IsType<FileCreation.Created>(await waiting);

        Assert.Equal((dead.Upload.Id, next.Upload.BlobName), (created.File.Id, created.File.BlobName));
        Assert.Contains(next.Upload.BlobName, await BlobsAsync());
    }

    [Fact]
    public async Task Upload_whose_client_stops_waiting_leaves_nothing()
    {
        var dead = await DieHoldingAClaimAsync();
        var (next, time) = (await UploadAsync(), new WatchedTime(_cluster.Clock));
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var waiting = _creator.CreateOrWaitAsync(next, time, client.Token);
        await time.TimerIsSetAsync(RunningRequest.Pause);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Assert.DoesNotContain(next.Upload.BlobName, await BlobsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_whose_record_failed_is_finished_by_the_next_without_a_wait(bool isCarriedOut)
    {
        var failed = await UploadAsync();
        _stores.OnWrite = (name, write) =>
        {
            if (name != "file")
            {
                return Carry(write);
            }

            _stores.OnWrite = (_, next) => Carry(next);
            if (isCarriedOut)
            {
                write();
            }

            throw new StorageUnavailableException("Nobody knows.");
        };
        await Assert.ThrowsAsync<StorageUnavailableException>(() => CreateAsync(failed));

        var created = await CreatedAsync(await UploadAsync());

        Assert.Equal((failed.Upload.Id, isCarriedOut), (created.File.Id, created.IsReplay));
        Assert.Contains(created.File.BlobName, await BlobsAsync());
    }

    [Fact]
    public async Task Overtaken_upload_gives_the_file_of_the_one_that_overtook_it()
    {
        var pause = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        _stores.OnWrite = async (name, write) =>
        {
            if (name == "file")
            {
                _stores.OnWrite = (_, next) => Carry(next);
                arrived.SetResult();
                await pause.Task;
            }

            write();
        };
        var slowUpload = await UploadAsync();
        var slow = CreateAsync(slowUpload);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        _cluster.Clock.Advance(TimeSpan.FromSeconds(60));

        var fast = await CreatedAsync(await UploadAsync());
        pause.SetResult();

        Assert.Equal(fast with { IsReplay = true }, await slow);
        await AssertOnlyAsync(fast.File);
    }

    [Fact]
    public async Task Id_of_a_file_that_is_deleted_and_purged_does_not_come_back()
    {
        var upload = await UploadAsync();
        var first = await CreatedAsync(upload);
        await _creator.MarkDeliveredAsync(upload, first.File.Id);
        _stores.Files.Clear();
        _cluster.Clock.Advance(TimeSpan.FromMinutes(2));

        var second = await CreatedAsync(await UploadAsync());

        Assert.False(second.IsReplay);
        Assert.NotEqual(first.File.Id, second.File.Id);
    }

    private static Task Carry(Action write)
    {
        write();
        return Task.CompletedTask;
    }

    private async Task<CreateFile> UploadAsync(string? key = "key-1", string bodyHash = "body-1")
    {
        var now = _cluster.Clock.GetUtcNow();
        var id = Ids.NewFile(now);
        var blob = BlobNames.Upload(_workspace, id);
        await _home.Blobs.PutAsync(blob, Encoding.UTF8.GetBytes("{}\n"), Cancel);
        return new CreateFile
        {
            Upload = new(_workspace, id, blob, 3, 1, now, now.AddDays(30), "in.jsonl", "batch", Hidden: false),
            ApiKeyId = "api-key-1",
            BodyHash = bodyHash,
            IdempotencyKey = key,
        };
    }

    private Task<FileCreation> CreateAsync(CreateFile upload) => _creator.CreateAsync(upload, Cancel);

    private async Task<FileCreation.Created> CreatedAsync(CreateFile upload) =>
        Assert.IsType<FileCreation.Created>(await CreateAsync(upload));

    private async Task<List<string>> BlobsAsync() => await _home.Blobs.ListAsync(_workspace, Cancel).ToListAsync(Cancel);

    // The upload of a process that died behind its claim.
    private async Task<CreateFile> DieHoldingAClaimAsync()
    {
        var dead = await UploadAsync();
        _stores.OnWrite = (name, write) => name == "file" || (name == "claim" && !_stores.Claims.IsEmpty)
            ? throw new StorageUnavailableException("The process is dead.")
            : Carry(write);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => CreateAsync(dead));
        _stores.OnWrite = (_, write) => Carry(write);
        return dead;
    }

    private async Task AssertOnlyAsync(FileRecord file)
    {
        Assert.Equal([file], _stores.Files.Values);
        Assert.Equal([file.BlobName], await BlobsAsync());
    }
}
