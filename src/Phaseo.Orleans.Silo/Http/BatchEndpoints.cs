using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Batches.Reading;
using Phaseo.Orleans.Silo.Wire;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The routes under <c>/v1/batches</c>.</summary>
internal static class BatchEndpoints
{
    private const int MaxLimit = 100;
    private const int DefaultLimit = 20;

    private static readonly string[] Statuses =
    [
        "validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled",
    ];

    /// <summary>Maps the routes.</summary>
    public static void MapBatches(this WebApplication app)
    {
        var batches = app.MapGroup("/v1/batches").RequireAuthorization().WithFeature("batches").WithTags("Batches");
        batches.MapPost("", CreateAsync).WithName("createBatch")
            .Takes<WireCreateBatch>().Answers<WireBatch>(400, 409, 422);
        batches.MapGet("", ListAsync).WithName("listBatches")
            .WithQuery("limit", "1–100. Default: 20.")
            .WithQuery("after", "The last id of the page before.")
            .WithQuery("status", "Only this status; may be repeated.")
            .WithQuery("session_id", "Only this session.")
            .WithQuery("metadata[key]", "Only batches that carry this pair.")
            .Answers<WireList<WireBatch>>(400);
        batches.MapGet("{id}", GetAsync).WithName("retrieveBatch")
            .Answers<WireBatch>(404);
        batches.MapPost("{id}/cancel", CancelAsync).WithName("cancelBatch")
            .Answers<WireBatch>(404, 409);
        batches.MapGet("{id}/results", BatchRows.GetAsync)
            .WithName("listBatchResults")
            .WithQuery("after_line", "The X-Last-Line of the answer before. Default: 0.")
            .WithQuery("limit", "1–10000. Default: 1000. An answer may have fewer.")
            .Produces(200, contentType: BatchRows.ContentType).Answers(400, 404);
    }

    /// <summary>Creates a batch of an uploaded file.</summary>
    public static async Task<IResult> CreateAsync(HttpContext http, Caller caller, BatchCreator creator)
    {
        var headers = ClientHeaders.Read(http.Request);
        var (body, bodyFault) = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        if ((headers.Refusal ?? bodyFault) is { } refusal)
        {
            return refusal;
        }

        var (request, fault) = CreateBatchReader.Read(body);
        if (request is null)
        {
            return fault!;
        }

        var create = new CreateBatch
        {
            Workspace = caller.Workspace,
            ApiKeyId = caller.KeyId,
            Request = request,
            BodyHash = Convert.ToHexStringLower(SHA256.HashData(body.Span)),
            IdempotencyKey = headers.IdempotencyKey,
            RetryCount = headers.RetryCount,
            RequestId = http.TraceIdentifier,
            TraceParent = Activity.Current?.Id,
        };
        return await creator.CreateOrWaitAsync(create, http.RequestAborted) switch
        {
            BatchCreation.Created created => Created(http, creator, create, created),
            BatchCreation.BadFile => Refusal.Invalid(
                "input_file_id", "'input_file_id' must name a file of purpose 'batch' that you have uploaded and not deleted."),
            BatchCreation.KeyReused => ClientHeaders.KeyReused,
            BatchCreation.InProgress busy => ClientHeaders.InProgress(busy.RetryAfter),
            var other => throw new UnreachableException($"A create ended as {other.GetType().Name}."),
        };
    }

    /// <summary>Lists batches, newest first.</summary>
    public static async Task<IResult> ListAsync(HttpContext http, Caller caller, BatchReader batches, BatchBytes bytes)
    {
        var fields = new QueryFields(http.Request.Query);
        var query = new BatchIndexQuery(
            caller.Workspace,
            (int)(fields.Number("limit", 1, MaxLimit) ?? DefaultLimit),
            fields.Cursor("after", Ids.IsBatch),
            fields.Words("status", Statuses),
            fields.Text("session_id"),
            fields.Pairs("metadata", MetadataReader.MaxPairs));
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        return new RawJson(Page(await batches.ListAsync(query, http.RequestAborted), bytes));
    }

    /// <summary>Gives a batch as it was last saved.</summary>
    public static async Task<IResult> GetAsync(string id, HttpContext http, Caller caller, BatchReader batches, BatchBytes bytes)
    {
        if (await batches.GetAsync(caller.Workspace, id) is not { } batch)
        {
            return Refusal.NoSuchBatch(id);
        }

        var etag = BatchBytes.ETag(batch);
        http.Response.Headers.ETag = etag;
        return EntityTags.Holds(http.Request.Headers.IfNoneMatch, etag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : new RawJson(bytes.Of(batch));
    }

    /// <summary>Asks a batch to stop.</summary>
    public static async Task<IResult> CancelAsync(string id, Caller caller, BatchReader batches, BatchBytes bytes)
    {
        var result = await batches.CancelAsync(caller.Workspace, id);
        return result switch
        {
            { Outcome: CancelOutcome.Accepted, Batch: { } batch } => new RawJson(bytes.Of(batch)),
            { Outcome: CancelOutcome.TooLate, Batch: { } batch } => TooLate(batch),
            _ => Refusal.NoSuchBatch(id),
        };
    }

    private static Refusal TooLate(BatchView batch)
    {
        var message = $"Cannot cancel a batch with status '{batch.Status.ToWire()}'.";
        return new(409, message, null, "batch_not_cancellable") { IsFinal = true };
    }

    // Not from the cache of saved versions: this is the first state, whatever has been saved since.
    private static RawJson Created(HttpContext http, BatchCreator creator, CreateBatch create, BatchCreation.Created created)
    {
        ClientHeaders.ShowReplay(http, created.IsReplay);
        Deliveries.Watch(http, () => creator.MarkDeliveredAsync(create, created.Batch.Id));
        return new RawJson(JsonSerializer.SerializeToUtf8Bytes(BatchMap.From(created.Batch), WireFormat.Options));
    }

    private static ReadOnlyMemory<byte> Page(BatchPage page, BatchBytes bytes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var batch in page.Batches)
        {
            json.WriteRawValue(bytes.Of(batch).Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteString("first_id", page.Batches.Count == 0 ? null : page.Batches[0].Id);
        json.WriteString("last_id", page.Batches.Count == 0 ? null : page.Batches[^1].Id);
        json.WriteBoolean("has_more", page.HasMore);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
