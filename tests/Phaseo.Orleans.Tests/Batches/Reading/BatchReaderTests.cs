using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Reading;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Reading;

public sealed class BatchReaderTests
{
    private const string Workspace = "ws-1";
    private static readonly DateTimeOffset Noon = new(2026, 11, 3, 12, 0, 0, TimeSpan.Zero);
    private readonly MemoryStores _stores = new();
    private readonly BatchStubs _batches;
    private readonly BatchReader _reader;
    private readonly List<string> _ids = [];

    public BatchReaderTests()
    {
        _batches = new(_stores);
        _reader = new(GrainFactoryProxy.Create(_batches), _stores);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Own_batch_is_read_as_last_saved()
    {
        var id = Add(BatchStatus.InProgress);

        Assert.Same(_batches.States[id], await _reader.GetAsync(Workspace, id));
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("unknown")]
    [InlineData("abandoned")]
    public async Task Batch_that_is_not_ones_own_looks_like_none(string kind)
    {
        var id = kind switch
        {
            "foreign" => Add(BatchStatus.InProgress, workspace: "ws-2"),
            "abandoned" => Add(BatchStatus.Abandoned),
            _ => Ids.NewBatch(Noon),
        };

        Assert.Null(await _reader.GetAsync(Workspace, id));
        Assert.Equal(new CancelResult(CancelOutcome.NotFound, null), await _reader.CancelAsync(Workspace, id));
        Assert.DoesNotContain(_batches.States.Values, batch => batch.Status == BatchStatus.Cancelling);
    }

    [Theory]
    [InlineData("")]
    [InlineData("batch_")]
    [InlineData("batch_01m6gvhc3gtsg1hf5m757zrch")]
    [InlineData("batch_01m6gvhc3gtsg1hf5m757zrchhh")]
    [InlineData("batch_01M6GVHC3GTSG1HF5M757ZRCHH")]
    [InlineData("batch_01m6gvhc3gtsg1hf5m757zrcil")]
    [InlineData("batch-01m6gvhc3gtsg1hf5m757zrchh")]
    [InlineData("../../01m6gvhc3gtsg1hf5m757zrchh")]
    public async Task Text_that_is_no_id_wakes_no_grain(string id)
    {
        var reader = new BatchReader(null!, _stores);

        Assert.Null(await reader.GetAsync(Workspace, id));
        Assert.Equal(CancelOutcome.NotFound, (await reader.CancelAsync(Workspace, id)).Outcome);
    }

    [Fact]
    public async Task Own_batch_is_cancelled()
    {
        var id = Add(BatchStatus.InProgress);

        var result = await _reader.CancelAsync(Workspace, id);

        Assert.Equal((CancelOutcome.Accepted, BatchStatus.Cancelling), (result.Outcome, result.Batch!.Status));
    }

    [Fact]
    public async Task Pages_follow_each_other_newest_first()
    {
        AddMany(7, BatchStatus.Completed);
        Add(BatchStatus.Completed, workspace: "ws-2");

        var first = await ListAsync(3);
        var second = await ListAsync(3, first.Batches[^1].Id);
        var third = await ListAsync(3, second.Batches[^1].Id);

        Assert.Equal(_ids.Take(7).Reverse(), first.Batches.Concat(second.Batches).Concat(third.Batches).Select(batch => batch.Id));
        Assert.Equal((true, true, false), (first.HasMore, second.HasMore, third.HasMore));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    public async Task Last_page_knows_that_it_is_the_last(int limit, bool hasMore)
    {
        AddMany(3, BatchStatus.Completed);

        Assert.Equal(hasMore, (await ListAsync(limit)).HasMore);
    }

    [Fact]
    public async Task Empty_list_has_no_more() => Assert.Equivalent(new BatchPage([], HasMore: false), await ListAsync(20));

    [Fact]
    public async Task Cursor_need_not_be_there()
    {
        AddMany(3, BatchStatus.Completed);
        var gone = _ids[1];
        _stores.Index.TryRemove(gone, out _);

        Assert.Equal([_ids[0]], (await ListAsync(5, gone)).Batches.Select(batch => batch.Id));
        Assert.Equal([_ids[0]], (await ListAsync(5, _ids[0] + "x")).Batches.Select(batch => batch.Id));
    }

    [Fact]
    public async Task Unfinished_batch_is_shown_as_it_is_now()
    {
        var id = Add(BatchStatus.InProgress);
        _batches.Change(id, batch => batch with { Completed = 5 });

        Assert.Equal(5, Assert.Single((await ListAsync(5)).Batches).Completed);
    }

    [Fact]
    public async Task Finished_batch_is_shown_without_asking_it()
    {
        var id = Add(BatchStatus.Completed);
        _batches.States.TryRemove(id, out _);

        Assert.Equal(id, Assert.Single((await ListAsync(5)).Batches).Id);
    }

    [Fact]
    public async Task Filter_goes_by_the_status_of_now_and_the_page_is_full_all_the_same()
    {
        AddMany(10, BatchStatus.InProgress);
        var ended = new[] { _ids[1], _ids[4], _ids[8] };
        foreach (var id in ended)
        {
            _batches.Change(id, batch => batch with { Status = BatchStatus.Completed });
        }

        var first = await ListAsync(2, statuses: ["completed"]);
        var second = await ListAsync(2, first.Batches[^1].Id, ["completed"]);
        var running = await ListAsync(20, statuses: ["in_progress"]);

        Assert.Equal([_ids[8], _ids[4]], first.Batches.Select(batch => batch.Id));
        Assert.Equal([_ids[1]], second.Batches.Select(batch => batch.Id));
        Assert.Equal((true, false), (first.HasMore, second.HasMore));
        Assert.Equal(_ids.Except(ended).Reverse(), running.Batches.Select(batch => batch.Id));
    }

    private void AddMany(int count, BatchStatus status)
    {
        for (var i = 0; i < count; i++)
        {
            Add(status);
        }
    }

    private string Add(BatchStatus status, string workspace = Workspace)
    {
        var at = Noon.AddSeconds(_ids.Count);
        var batch = new BatchView
        {
            Id = Ids.NewBatch(at),
            Workspace = workspace,
            Version = 1,
            Status = status,
            Request = new() { InputFileId = "file-1", Endpoint = "/v1/embeddings", CompletionWindow = "1h", Window = TimeSpan.FromHours(1) },
            RequestId = "req_1",
            CreatedAt = at,
            ExpiresAt = at.AddHours(1),
        };
        _batches.States[batch.Id] = batch;
        _stores.Index[batch.Id] = BatchSnapshot.ToRow(batch);
        _ids.Add(batch.Id);
        return batch.Id;
    }

    private Task<BatchPage> ListAsync(int limit, string? after = null, string[]? statuses = null) => _reader.ListAsync(
        new BatchIndexQuery(Workspace, limit, after, statuses ?? [], SessionId: null, new Dictionary<string, string>()), Cancel);
}
