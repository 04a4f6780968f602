using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Batches.Reading;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Creation;

/// <summary>What the stubs of the other tests promise, asked of the real grain on embedded storage.</summary>
public sealed class EngineCreationTests(EngineCreationTests.Engine engine) : IClassFixture<EngineCreationTests.Engine>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EngineSilo Silo => engine.Silo;

    [Fact]
    public async Task Created_batch_is_read_listed_and_ends_without_leaving_anything()
    {
        var request = await RequestAsync();

        var created = Assert.IsType<BatchCreation.Created>(await Get<BatchCreator>().CreateAsync(request, Cancel)).Batch;
        var again = Assert.IsType<BatchCreation.Created>(await Get<BatchCreator>().CreateAsync(request, Cancel));
        var ended = await Silo.UntilTerminalAsync(created.Id);
        var replay = Assert.IsType<BatchCreation.Created>(await Get<BatchCreator>().CreateAsync(request, Cancel));
        var read = await Get<BatchReader>().GetAsync(request.Workspace, created.Id);

        Assert.Equal((BatchStatus.Completed, 3), (ended.Status, ended.Completed));
        Assert.True(again.IsReplay);
        Assert.Equivalent(created, again.Batch, strict: true);
        Assert.Equivalent(created, replay.Batch, strict: true);
        Assert.Equal(ended with { Version = read!.Version }, read);
        await NothingIsLeftAsync(created);
        Assert.Equal(BatchStatus.Completed, Assert.Single(await ListAsync(request.Workspace)).Status);
    }

    [Fact]
    public async Task Fifty_identical_creates_at_once_make_one_batch()
    {
        var request = await RequestAsync();

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(InTheEndAsync, Cancel)));

        var id = Assert.Single(ids.Distinct());
        Assert.Equal([id], (await ListAsync(request.Workspace)).Select(batch => batch.Id));

        async Task<string> InTheEndAsync()
        {
            while (true)
            {
                if (await Get<BatchCreator>().CreateAsync(request, Cancel) is BatchCreation.Created created)
                {
                    return created.Batch.Id;
                }

                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Batch_that_was_given_up_never_starts()
    {
        var workspace = NewWorkspace();
        var batch = Silo.Batch(Ids.NewBatch(TimeProvider.System.GetUtcNow()));

        Assert.True(await batch.AbandonAsync(workspace));
        Assert.True(await batch.AbandonAsync(workspace));

        Assert.Null(await batch.SubmitAsync(SubmissionOf(await RequestAsync())));
        Assert.Null(await batch.GetAsync());
        Assert.Empty((await Get<IReminderTable>().ReadRows(batch.GetGrainId(), Cancel)).Reminders);
        Assert.Empty(await ListAsync(workspace));
    }

    [Fact]
    public async Task Batch_that_lives_or_has_ended_is_not_given_up()
    {
        var id = await Silo.SubmitAsync(EngineSilo.Rows(1));

        Assert.False(await Silo.Batch(id).AbandonAsync(EngineSilo.Workspace));
        Assert.Equal(BatchStatus.Completed, (await Silo.UntilTerminalAsync(id)).Status);
        Assert.False(await Silo.Batch(id).AbandonAsync(EngineSilo.Workspace));
    }

    [Fact]
    public async Task Drive_before_the_first_state_does_nothing()
    {
        var batch = Silo.Batch(Ids.NewBatch(TimeProvider.System.GetUtcNow()));

        await batch.DriveAsync();

        Assert.Null(await batch.GetAsync());
        Assert.True(await batch.AbandonAsync(NewWorkspace()));
    }

    [Fact]
    public async Task Drive_removes_what_a_late_create_made_again_for_a_batch_that_has_ended()
    {
        var request = await RequestAsync();
        var batch = Assert.IsType<BatchCreation.Created>(await Get<BatchCreator>().CreateAsync(request, Cancel)).Batch;
        await Silo.UntilTerminalAsync(batch.Id);
        await NothingIsLeftAsync(batch);
        var now = TimeProvider.System.GetUtcNow();
        await Get<IOpenBatches>().AddAsync(
            new(batch.Workspace, batch.Id, batch.Request.InputFileId, now, now.AddHours(1), now.AddMinutes(-1)), Cancel);

        await Get<OpenBatchPass>().StaleAsync(Cancel);

        await NothingIsLeftAsync(batch);
    }

    [Fact]
    public async Task Drive_puts_a_running_batch_back_into_the_lists()
    {
        var never = EngineSilo.SimulatorCatalog.Replace("\"latency_ms\":0", "\"latency_ms\":600000", StringComparison.Ordinal);
        await using var silo = await EngineSilo.StartAsync(never);
        var index = silo.Services.GetRequiredService<IBatchIndex>();
        var id = await silo.SubmitAsync(EngineSilo.Rows(1));
        var running = await silo.UntilAsync(id, batch => batch.Status == BatchStatus.InProgress);
        await index.RemoveAsync(EngineSilo.Workspace, id, Cancel);

        await silo.Batch(id).DriveAsync();

        var row = Assert.Single(await index.ListUnfinishedAsync(Cancel).ToListAsync(Cancel));
        Assert.Equal((id, "in_progress"), (row.BatchId, row.Status));
        Assert.True(row.Version >= running.Version);
    }

    private T Get<T>()
        where T : notnull => Silo.Services.GetRequiredService<T>();

    private static string NewWorkspace() => "ws-" + Guid.NewGuid().ToString("N");

    private async Task<CreateBatch> RequestAsync()
    {
        var workspace = NewWorkspace();
        var now = TimeProvider.System.GetUtcNow();
        var file = Ids.NewFile(now);
        var blob = BlobNames.Upload(workspace, file);
        var rows = Encoding.UTF8.GetBytes(EngineSilo.Rows(3));
        await Silo.Blobs.PutAsync(blob, rows, Cancel);
        await Get<IFileRecords>().CreateAsync(
            new(workspace, file, blob, rows.Length, 3, now, now.AddDays(30), "in.jsonl", "batch", Hidden: false), Cancel);
        return new CreateBatch
        {
            Workspace = workspace,
            ApiKeyId = "api-key-1",
            BodyHash = "body-1",
            IdempotencyKey = "key-1",
            RequestId = Ids.NewRequest(now),
            Request = new()
            {
                InputFileId = file,
                Endpoint = "/v1/chat/completions",
                CompletionWindow = "24h",
                Window = TimeSpan.FromHours(24),
            },
        };
    }

    private static BatchSubmission SubmissionOf(CreateBatch request) => new()
    {
        Workspace = request.Workspace,
        Request = request.Request,
        InputBlob = BlobNames.Upload(request.Workspace, request.Request.InputFileId),
        RequestId = request.RequestId,
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };

    private async Task<IReadOnlyList<BatchView>> ListAsync(string workspace) => (await Get<BatchReader>().ListAsync(
        new(workspace, Limit: 20, After: null, Statuses: [], SessionId: null, new Dictionary<string, string>()), Cancel)).Batches;

    private async Task NothingIsLeftAsync(BatchView batch)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var isOpen = await Get<IOpenBatches>().ListAsync(null, Cancel).AnyAsync(row => row.BatchId == batch.Id, Cancel);
            var isHeld = await Get<IFileReferences>().AnyAsync(batch.Workspace, batch.Request.InputFileId, Cancel);
            var reminders = (await Get<IReminderTable>().ReadRows(Silo.Batch(batch.Id).GetGrainId(), Cancel)).Reminders.Count;
            if (!isOpen && !isHeld && reminders == 0)
            {
                return;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60),
                $"Left of {batch.Id}: open row {isOpen}, reference {isHeld}, {reminders} reminders.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }
    }

    /// <summary>One silo for all tests here.</summary>
    public sealed class Engine : IAsyncLifetime
    {
        public EngineSilo Silo { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Silo = await EngineSilo.StartAsync(EngineSilo.SimulatorCatalog);

        public ValueTask DisposeAsync() => Silo.DisposeAsync();
    }
}
