using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Batches.Reading;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Silo.Http;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>Does with a silo's services what the HTTP API does with them for one workspace.</summary>
internal sealed class EngineClient(IServiceProvider services)
{
    /// <summary>Whose batches they are.</summary>
    public const string Workspace = ApiKeys.DefaultWorkspace;

    /// <summary>The endpoint of all input files that are not told otherwise.</summary>
    public const string Chat = "/v1/chat/completions";

    private const string ApiKeyId = "key_bench";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _clock = services.GetRequiredService<TimeProvider>();
    private readonly IBlobStore _blobs = services.GetRequiredService<IBlobStore>();
    private readonly FileCreator _files = services.GetRequiredService<FileCreator>();
    private readonly BatchCreator _batches = services.GetRequiredService<BatchCreator>();
    private readonly BatchReader _reader = services.GetRequiredService<BatchReader>();

    /// <summary>Uploads a file; its id.</summary>
    public async Task<string> UploadAsync(string path, CancellationToken cancellation)
    {
        var now = _clock.GetUtcNow();
        var id = Ids.NewFile(now);
        var blob = BlobNames.Upload(Workspace, id);
        var (bytes, lines) = await CopyInAsync(path, blob, cancellation);
        var record = new FileRecord(Workspace, id, blob, bytes, lines, now, now.AddDays(30), "bench.jsonl", "batch", Hidden: false);
        var request = new CreateFile { Upload = record, ApiKeyId = ApiKeyId, BodyHash = id };
        var created = await AnsweredAsync(
            async () => await _files.CreateAsync(request, cancellation) as FileCreation.Created, cancellation);
        return created.File.Id;
    }

    /// <summary>Creates a batch; its id.</summary>
    public async Task<string> CreateAsync(string fileId, string endpoint, CancellationToken cancellation)
    {
        var requestId = Ids.NewRequest(_clock.GetUtcNow());
        var request = new CreateBatch
        {
            Workspace = Workspace,
            ApiKeyId = ApiKeyId,
            BodyHash = requestId,
            RequestId = requestId,
            Request = new BatchRequest
            {
                InputFileId = fileId,
                Endpoint = endpoint,
                CompletionWindow = "24h",
                Window = TimeSpan.FromHours(24),
            },
        };
        var created = await AnsweredAsync(
            async () => await _batches.CreateAsync(request, cancellation) as BatchCreation.Created, cancellation);
        return created.Batch.Id;
    }

    /// <summary>Runs a file of chat completions to its end, which must be good for every row.</summary>
    /// <exception cref="InvalidOperationException">It was not.</exception>
    public async Task<BatchView> RunAsync(string fileId, CancellationToken cancellation)
    {
        var id = await CreateAsync(fileId, Chat, cancellation);
        var batch = await UntilTerminalAsync(id, null, cancellation);
        return batch.Status == BatchStatus.Completed && batch.Failed == 0
            ? batch
            : throw new InvalidOperationException($"The batch is {batch.Status} with {batch.Failed} failed rows.");
    }

    /// <summary>Asks the batch to stop.</summary>
    public Task CancelAsync(string id, CancellationToken cancellation) =>
        AnsweredAsync(async () => await _reader.CancelAsync(Workspace, id), cancellation);

    /// <summary>The batch as last saved.</summary>
    public Task<BatchView> GetAsync(string id, CancellationToken cancellation) => AnsweredAsync(
        async () => await _reader.GetAsync(Workspace, id) ?? throw new InvalidOperationException($"{id} is gone."), cancellation);

    /// <summary>Reads the batch until it is terminal; every read is told to <paramref name="seen"/>.</summary>
    public Task<BatchView> UntilTerminalAsync(string id, Action<BatchView>? seen, CancellationToken cancellation) =>
        UntilAsync(id, batch => batch.Status.IsTerminal(), seen, cancellation);

    /// <summary>Reads the batch until it is as wanted; every read is told to <paramref name="seen"/>.</summary>
    public async Task<BatchView> UntilAsync(
        string id, Func<BatchView, bool> isReached, Action<BatchView>? seen, CancellationToken cancellation)
    {
        while (true)
        {
            var batch = await GetAsync(id, cancellation);
            seen?.Invoke(batch);
            if (isReached(batch))
            {
                return batch;
            }

            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }
    }

    /// <summary>Copies a blob to a new local file.</summary>
    public async Task CopyOutAsync(string blob, string path, CancellationToken cancellation)
    {
        await using var source = await _blobs.OpenReadAsync(blob, 0, null, cancellation)
            ?? throw new FileNotFoundException($"{blob} is not there.");
        await using var target = new FileStream(path, FileMode.CreateNew);
        await source.CopyToAsync(target, cancellation);
    }

    // As a client does: again while the answer is "try again", which null stands for, or the silo asked is dying.
    private static async Task<T> AnsweredAsync<T>(Func<Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            try
            {
                if (await ask() is { } answer)
                {
                    return answer;
                }
            }
            catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException or StorageUnavailableException)
            {
                // Membership is about to say where it lives now.
            }

            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }
    }

    private async Task<(long Bytes, long Lines)> CopyInAsync(string path, string blob, CancellationToken cancellation)
    {
        await using var source = File.OpenRead(path);
        await using var upload = await _blobs.BeginUploadAsync(blob, cancellation);
        var buffer = new byte[1 << 17];
        var (bytes, lines) = (0L, 0L);
        while (await source.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            await upload.WriteAsync(buffer.AsMemory(0, read), cancellation);
            bytes += read;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return await upload.CommitAsync(cancellation)
            ? (bytes, lines)
            : throw new InvalidOperationException($"{blob} was there already.");
    }
}
