using System.Collections.Immutable;
using System.Text;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>A batch of several shards whose rows a test records and whose results it reads, while it runs and afterwards.</summary>
internal sealed class ResultsWorld
{
    private const string Workspace = "ws";
    private const string Id = "batch_01m6gvhc3gtsg1hf5m757zrchh";
    private readonly MemoryJournals _journals = new();
    private readonly MemoryBlobs _blobs = new();
    private readonly ImmutableArray<ShardSlice> _plan;
    private readonly List<ShardJournal> _writers = [];
    private readonly Dictionary<int, string> _recorded = [];
    private readonly BatchResults _results;
    private BatchProgress _progress;

    private ResultsWorld(string input, ImmutableArray<ShardSlice> plan, List<int> lines)
    {
        (_plan, Lines) = (plan, lines);
        _progress = new(Workspace, IsTerminal: false, BlobNames.Upload(Workspace, "file-1"), null, null, plan.Length);
        var stubs = new BatchStubs(new()) { OnProgress = _ => _progress };
        _results = new(GrainFactoryProxy.Create(stubs), _journals, _blobs, TimeProvider.System);
        Input = Encoding.UTF8.GetBytes(input);
    }

    /// <summary>The input line of each row.</summary>
    public IReadOnlyList<int> Lines { get; }

    private byte[] Input { get; }

    /// <summary>A batch of these shards; before each row stand as many blank lines as <paramref name="blanks"/> says.</summary>
    public static async Task<ResultsWorld> CreateAsync(int[] shardRows, int[] blanks)
    {
        var input = new StringBuilder();
        var plan = ImmutableArray.CreateBuilder<ShardSlice>();
        List<int> lines = [];
        var line = 1;
        foreach (var rows in shardRows)
        {
            var (offset, firstRow, firstLine) = (input.Length, lines.Count, line);
            for (var row = 0; row < rows; row++)
            {
                var blank = blanks[lines.Count % blanks.Length];
                input.Append('\n', blank).Append(EngineSilo.Rows(1).Replace("row-0", $"row-{lines.Count}", StringComparison.Ordinal));
                lines.Add(line + blank);
                line += blank + 1;
            }

            plan.Add(new(offset, input.Length - offset, firstRow, rows, firstLine));
        }

        var world = new ResultsWorld(input.ToString(), plan.ToImmutable(), lines);
        await world.PrepareAsync();
        return world;
    }

    /// <summary>Records a row; one that is recorded stays as it is.</summary>
    public async Task RecordAsync(int row, int length)
    {
        if (!_recorded.TryAdd(row, $"{{\"row\":{row},\"pad\":\"{new string('x', length)}\"}}\n"))
        {
            return;
        }

        var flush = new JournalWriter();
        var file = row % 3 == 0 ? ResultFile.Errors : ResultFile.Output;
        flush.Result(RowResult.None with { Row = row, File = file, StatusCode = 200 }, Encoding.UTF8.GetBytes(_recorded[row]), external: false);
        var shard = _plan.IndexOf(_plan.Single(slice => row >= slice.FirstRow && row < slice.FirstRow + slice.Rows));
        Assert.Equal(JournalState.Open, await _writers[shard].AppendAsync(flush, CancellationToken.None));
    }

    /// <summary>Ends the batch as a cancel does: files instead of journals.</summary>
    public async Task EndAsync()
    {
        var closer = new ShardCloser(_journals, _blobs, TimeProvider.System);
        List<ShardEnd> ends = [];
        for (var shard = 0; shard < _plan.Length; shard++)
        {
            ends.Add((await closer.CloseAsync(Order(shard), ShardOutcome.Cancelled, CancellationToken.None))!);
        }

        await CommitAsync(BlobNames.Output(Workspace, Id), ends.SelectMany(end => end.Output));
        await CommitAsync(BlobNames.Errors(Workspace, Id), ends.SelectMany(end => end.Errors));
        await CommitAsync(BlobNames.Rows(Workspace, Id), ends.SelectMany(end => end.Rows));
        _progress = _progress with { IsTerminal = true };
        for (var shard = 0; shard < _plan.Length; shard++)
        {
            await _journals.DeleteAsync(new(Workspace, Id, shard), CancellationToken.None);
        }
    }

    public async Task<ResultsPage> ReadAsync(int afterLine, int limit, int maxBytes) =>
        (await _results.ReadAsync(Workspace, Id, afterLine, limit, maxBytes, CancellationToken.None))!;

    /// <summary>How many rows from the first on are recorded.</summary>
    public int Prefix => Enumerable.Range(0, Lines.Count).TakeWhile(_recorded.ContainsKey).Count();

    /// <summary>Whether this is the row's line: what was recorded, or that it was cancelled.</summary>
    public bool IsLineOf(int row, ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.Span);
        return _recorded.TryGetValue(row, out var line)
            ? text == line
            : text.Contains($"\"row-{row}\"", StringComparison.Ordinal) && text.Contains("batch_cancelled", StringComparison.Ordinal);
    }

    private async Task PrepareAsync()
    {
        await _blobs.PutAsync(_progress.InputBlob, Input, CancellationToken.None);
        _progress = _progress with { PlanFile = await new BatchWorkFiles(_blobs).WritePlanAsync(Workspace, Id, _plan, CancellationToken.None) };
        for (var shard = 0; shard < _plan.Length; shard++)
        {
            await _journals.CreateAsync(new(Workspace, Id, shard), CancellationToken.None);
            var writer = new ShardJournal(_journals, new(Workspace, Id, shard), new(_plan[shard].FirstRow, _plan[shard].Rows), TimeProvider.System);
            await writer.FenceAsync(1, CancellationToken.None);
            _writers.Add(writer);
        }
    }

    private async Task CommitAsync(string name, IEnumerable<BlobBlock> blocks)
    {
        if (blocks.Any())
        {
            Assert.Equal(CommitResult.Committed, await _blobs.CommitAsync(name, [.. blocks], CancellationToken.None));
        }
    }

    private ShardOrder Order(int shard) => new()
    {
        Workspace = Workspace,
        Batch = Id,
        Shard = shard,
        Epoch = 2,
        Slice = _plan[shard],
        InputBlob = _progress.InputBlob,
        Endpoint = "/v1/chat/completions",
        Policy = new(),
        Calls = 1,
        Remaining = TimeSpan.FromHours(1),
    };
}
