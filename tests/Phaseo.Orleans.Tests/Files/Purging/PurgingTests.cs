using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Files.Purging;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Files.Purging;

public sealed class PurgingTests : IAsyncDisposable
{
    private const string Workspace = "ws";
    private const string Batch = "batch_1";
    private static readonly DateTimeOffset T0 = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly EmbeddedHome _home = new();
    private readonly MemoryStores _stores = new();
    private readonly FaultyBlobs _blobs;
    private readonly FakeTimeProvider _time = new(T0);
    private readonly IOptions<PurgeOptions> _options = Options.Create(new PurgeOptions());
    private readonly DeadFilePass _dead;
    private readonly OrphanPass _orphans;

    public PurgingTests()
    {
        _blobs = new FaultyBlobs(_home.Blobs);
        _dead = new DeadFilePass(_stores, _stores, _blobs, _time, NullLogger<DeadFilePass>.Instance);
        _orphans = new OrphanPass(_stores, _stores, _blobs, _time, _options, NullLogger<OrphanPass>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    [Fact]
    public async Task Live_file_stays_until_its_expiry_and_goes_then()
    {
        var file = await UploadAsync("file-1");

        _time.SetUtcNow(file.ExpiresAt.AddTicks(-1));
        await _dead.RunAsync(Cancel);
        Assert.True(await IsThereAsync(file));

        _time.SetUtcNow(file.ExpiresAt);
        await _dead.RunAsync(Cancel);
        Assert.False(await IsThereAsync(file));
        Assert.Empty(_stores.Files);
    }

    [Fact]
    public async Task Deleted_file_goes_at_once()
    {
        var file = await UploadAsync("file-1");
        var other = await UploadAsync("file-2");
        await _stores.HideAsync(Workspace, file.Id, Cancel);

        await _dead.RunAsync(Cancel);

        Assert.False(await IsThereAsync(file));
        Assert.True(await IsThereAsync(other));
        Assert.Equal([other], _stores.Files.Values);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dead_file_stays_as_long_as_a_batch_holds_it(bool deleted)
    {
        var file = await UploadAsync("file-1");
        await _stores.AddAsync(new FileReference(Workspace, file.Id, Batch, T0), Cancel);
        if (deleted)
        {
            await _stores.HideAsync(Workspace, file.Id, Cancel);
        }
        else
        {
            _time.SetUtcNow(file.ExpiresAt.AddYears(1));
        }

        await _dead.RunAsync(Cancel);
        Assert.True(await IsThereAsync(file));

        await _stores.RemoveAsync(Workspace, file.Id, Batch, Cancel);
        await _dead.RunAsync(Cancel);
        Assert.False(await IsThereAsync(file));
    }

    [Fact]
    public async Task Batch_that_saw_the_file_live_just_before_it_was_hidden_keeps_its_bytes()
    {
        var file = await UploadAsync("file-1");
        _time.SetUtcNow(file.ExpiresAt);
        _stores.OnWrite = async (write, act) =>
        {
            if (write == "hide")
            {
                // A silo whose clock is behind: it takes its reference, and finds the file neither hidden nor expired.
                await _stores.AddAsync(new FileReference(Workspace, file.Id, Batch, T0), Cancel);
                Assert.True(_stores.Files[(Workspace, file.Id)].IsLive(file.ExpiresAt.AddSeconds(-1)));
            }

            act();
        };

        await _dead.RunAsync(Cancel);

        Assert.True(await IsThereAsync(file));
        Assert.False(_stores.Files[(Workspace, file.Id)].IsLive(file.ExpiresAt.AddSeconds(-1)));
    }

    [Fact]
    public async Task Record_outlives_bytes_that_could_not_be_removed()
    {
        var file = await UploadAsync("file-1");
        await _stores.HideAsync(Workspace, file.Id, Cancel);
        _blobs.OnDelete = _ => throw new StorageUnavailableException("down");

        await Assert.ThrowsAsync<StorageUnavailableException>(() => _dead.RunAsync(Cancel));
        Assert.Single(_stores.Files);

        _blobs.OnDelete = _ => { };
        await _dead.RunAsync(Cancel);
        Assert.False(await IsThereAsync(file));
        Assert.Empty(_stores.Files);
    }

    [Fact]
    public async Task Upload_without_a_record_goes_once_it_has_been_seen_so_for_an_hour()
    {
        var orphan = BlobNames.Upload(Workspace, "file-1");
        await _blobs.PutAsync(orphan, "x"u8.ToArray(), Cancel);
        _time.Advance(TimeSpan.FromDays(1));

        await _orphans.RunAsync(Cancel);
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        await _orphans.RunAsync(Cancel);
        Assert.NotNull(await _blobs.GetLengthAsync(orphan, Cancel));

        _time.Advance(TimeSpan.FromTicks(1));
        await _orphans.RunAsync(Cancel);
        Assert.Null(await _blobs.GetLengthAsync(orphan, Cancel));
    }

    [Fact]
    public async Task Upload_that_got_its_record_meanwhile_stays()
    {
        var orphan = BlobNames.Upload(Workspace, "file-1");
        await _blobs.PutAsync(orphan, "x"u8.ToArray(), Cancel);
        await _orphans.RunAsync(Cancel);
        _time.Advance(TimeSpan.FromHours(2));
        await _stores.CreateAsync(Record("file-1"), Cancel);

        await _orphans.RunAsync(Cancel);

        Assert.NotNull(await _blobs.GetLengthAsync(orphan, Cancel));
    }

    [Theory]
    [InlineData("record of its own")]
    [InlineData("hidden record")]
    [InlineData("record under another id")]
    [InlineData("reference")]
    [InlineData("no upload")]
    public async Task Blob_that_somebody_needs_is_no_orphan(string why)
    {
        var blob = why == "no upload" ? BlobNames.Output(Workspace, Batch) : BlobNames.Upload(Workspace, "file-1");
        await _blobs.PutAsync(blob, "x"u8.ToArray(), Cancel);
        await (why switch
        {
            "record of its own" => _stores.CreateAsync(Record("file-1"), Cancel),
            "hidden record" => _stores.CreateAsync(Record("file-1") with { Hidden = true }, Cancel),
            "record under another id" => _stores.CreateAsync(Record("file-0") with { BlobName = blob }, Cancel),
            "reference" => _stores.AddAsync(new FileReference(Workspace, "file-1", Batch, T0), Cancel),
            _ => Task.CompletedTask,
        });

        await _orphans.RunAsync(Cancel);
        _time.Advance(TimeSpan.FromDays(1));
        await _orphans.RunAsync(Cancel);

        Assert.NotNull(await _blobs.GetLengthAsync(blob, Cancel));
    }

    [Fact]
    public async Task Purger_goes_on_after_an_outage()
    {
        var file = await UploadAsync("file-1");
        await _stores.HideAsync(Workspace, file.Id, Cancel);
        var tries = 0;
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        _blobs.OnDelete = _ =>
        {
            if (++tries == 1)
            {
                first.SetResult();
                throw new StorageUnavailableException("down");
            }

            second.TrySetResult();
        };
        var watched = new WatchedTime(_time);
        using var purger = new FilePurger(_dead, _orphans, watched, _options, NullLogger<FilePurger>.Instance);
        await purger.StartAsync(Cancel);
        await watched.TimerIsSetAsync(_options.Value.Interval);

        _time.Advance(_options.Value.Interval);
        await first.Task.WaitAsync(Patience, Cancel);
        _time.Advance(_options.Value.Interval);
        await second.Task.WaitAsync(Patience, Cancel);

        await purger.StopAsync(Cancel);
        Assert.Equal(2, tries);
    }

    private static FileRecord Record(string id) => new(
        Workspace, id, BlobNames.Upload(Workspace, id), Bytes: 1, Lines: 1, T0, T0.AddDays(30), "in.jsonl", "batch", Hidden: false);

    private async Task<FileRecord> UploadAsync(string id)
    {
        var file = Record(id);
        await _blobs.PutAsync(file.BlobName, "x"u8.ToArray(), Cancel);
        await _stores.CreateAsync(file, Cancel);
        return file;
    }

    private async Task<bool> IsThereAsync(FileRecord file) => await _blobs.GetLengthAsync(file.BlobName, Cancel) is not null;
}
