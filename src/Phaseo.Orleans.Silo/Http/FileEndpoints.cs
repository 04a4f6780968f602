using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Silo.Wire;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The routes under <c>/v1/files</c>.</summary>
internal static class FileEndpoints
{
    private const int MaxLimit = 10_000;
    private static readonly TimeSpan DefaultExpiry = TimeSpan.FromDays(30);

    /// <summary>Maps the routes.</summary>
    public static void MapFiles(this WebApplication app)
    {
        var files = app.MapGroup("/v1/files").RequireAuthorization().WithFeature("files").WithTags("Files");
        files.MapPost("", UploadAsync).WithName("createFile")
            .WithMetadata(new OwnSizeLimit())
            .TakesForm<WireUpload>().Answers<WireFile>(400, 409, 413, 415, 422);
        files.MapGet("", ListAsync).WithName("listFiles")
            .WithQuery("purpose", "Only this purpose: batch or batch_output.")
            .WithQuery("limit", "1–10000. Default: 10000.")
            .WithQuery("order", "asc or desc, by time of creation. Default: desc.")
            .WithQuery("after", "The last id of the page before.")
            .Answers<WireList<WireFile>>(400);
        files.MapGet("{id}", GetAsync).WithName("retrieveFile").Answers<WireFile>(404);
        files.MapDelete("{id}", DeleteAsync).WithName("deleteFile").Answers<WireDeleted>(404);
        files.MapGet("{id}/content", FileContent.GetAsync).WithName("downloadFile")
            .Produces(200, contentType: FileContent.ContentType).Answers(404, 416);
    }

    /// <summary>Uploads a file of request lines.</summary>
    public static async Task<IResult> UploadAsync(
        HttpContext http,
        Caller caller,
        IBlobStore blobs,
        FileCreator creator,
        IOptionsMonitor<BatchOptions> options,
        TimeProvider time)
    {
        var headers = ClientHeaders.Read(http.Request);
        if (headers.Refusal is { } badHeader)
        {
            return badHeader;
        }

        var id = Ids.NewFile(time.GetUtcNow());
        var blobName = BlobNames.Upload(caller.Workspace, id);
        await using var sink = new UploadSink(await blobs.BeginUploadAsync(blobName, http.RequestAborted));
        var (form, refusal) = await UploadForm.ReadAsync(
            http.Request, options.CurrentValue.MaxFileBytes, sink.WriteAsync, http.RequestAborted);
        if (form is null)
        {
            return refusal!;
        }

        await sink.CommitAsync(http.RequestAborted);
        var now = time.GetUtcNow();
        var create = new CreateFile
        {
            Upload = new FileRecord(
                caller.Workspace,
                id,
                blobName,
                sink.Bytes,
                sink.Lines,
                now,
                now + (form.ExpiresAfter ?? DefaultExpiry),
                form.Filename,
                "batch",
                Hidden: false),
            ApiKeyId = caller.KeyId,
            BodyHash = sink.HashWith(form.Filename, form.ExpiresAfter),
            IdempotencyKey = headers.IdempotencyKey,
            RetryCount = headers.RetryCount,
        };
        return await creator.CreateOrWaitAsync(create, time, http.RequestAborted) switch
        {
            FileCreation.Created created => Created(http, creator, create, created),
            FileCreation.KeyReused => ClientHeaders.KeyReused,
            FileCreation.InProgress busy => ClientHeaders.InProgress(busy.RetryAfter),
            var other => throw new UnreachableException($"An upload ended as {other.GetType().Name}."),
        };
    }

    /// <summary>Lists files that are neither deleted nor expired.</summary>
    public static async Task<IResult> ListAsync(HttpContext http, Caller caller, IFileRecords files, TimeProvider time)
    {
        var fields = new QueryFields(http.Request.Query);
        var limit = (int)(fields.Number("limit", 1, MaxLimit) ?? MaxLimit);
        var query = new FileQuery(
            caller.Workspace,
            time.GetUtcNow(),
            limit + 1, // one more tells whether there are more
            fields.Word("purpose", "batch", "batch_output"),
            fields.Word("order", "asc", "desc") != "asc",
            fields.Cursor("after", Ids.IsFile));
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        var found = await files.ListAsync(query, http.RequestAborted);
        return Results.Ok(WireList<WireFile>.Of(
            [.. found.Take(limit).Select(WireFile.From)], found.Count > limit, file => file.Id));
    }

    /// <summary>Gives a file's record.</summary>
    public static async Task<IResult> GetAsync(string id, HttpContext http, Caller caller, IFileRecords files, TimeProvider time) =>
        await FindAsync(files, caller, id, time, http.RequestAborted) is { } file
            ? Results.Ok(WireFile.From(file))
            : Refusal.NoSuchFile(id);

    /// <summary>Deletes a file. Batches that were made of it are not affected.</summary>
    public static async Task<IResult> DeleteAsync(string id, HttpContext http, Caller caller, IFileRecords files, TimeProvider time)
    {
        var isHidden = await FindAsync(files, caller, id, time, http.RequestAborted) is not null
            && await files.HideAsync(caller.Workspace, id, http.RequestAborted);
        return isHidden ? Results.Ok(new WireDeleted(id, "file", true)) : Refusal.NoSuchFile(id);
    }

    /// <summary>The caller's own, live file; null: as if it had never existed.</summary>
    internal static async Task<FileRecord?> FindAsync(
        IFileRecords files, Caller caller, string id, TimeProvider time, CancellationToken cancellation)
    {
        var file = Ids.IsFile(id) ? await files.GetAsync(caller.Workspace, id, cancellation) : null;
        return file?.IsLive(time.GetUtcNow()) == true ? file : null;
    }

    private static RawJson Created(HttpContext http, FileCreator creator, CreateFile create, FileCreation.Created created)
    {
        ClientHeaders.ShowReplay(http, created.IsReplay);
        Deliveries.Watch(http, () => creator.MarkDeliveredAsync(create, created.File.Id));
        return new RawJson(JsonSerializer.SerializeToUtf8Bytes(WireFile.From(created.File), WireFormat.Options));
    }

    // The form's reader counts for itself: what is bounded is the file, not the body around it.
    private sealed class OwnSizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => null;
    }
}
