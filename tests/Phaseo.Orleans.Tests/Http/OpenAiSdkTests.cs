#pragma warning disable OPENAI001 // OpenAI's batch client is experimental in its own library.
using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Files;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>OpenAI's own library, with nothing changed but the base URL and the key.</summary>
public sealed class OpenAiSdkTests(OpenAiSdkTests.Silo silo) : IClassFixture<OpenAiSdkTests.Silo>
{
    private readonly OpenAIClient _openAi = new(
        new ApiKeyCredential(SiloFixture.Key), new OpenAIClientOptions { Endpoint = new Uri(silo.Address, "/v1") });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_batch_is_uploaded_created_polled_downloaded_and_listed()
    {
        var files = _openAi.GetOpenAIFileClient();
        var batches = _openAi.GetBatchClient();
        var input = await UploadAsync(files, EngineSilo.Rows(3));

        var created = await batches.CreateBatchAsync(Body(input.Id), waitUntilCompleted: false);
        var done = await UntilAsync(batches, created.BatchId, "completed");
        BinaryData output = await files.DownloadFileAsync(done.GetProperty("output_file_id").GetString(), Cancellation);

        Assert.Equal("rows.jsonl", input.Filename);
        Assert.Equal(3, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var listed = new List<string?>();
        await foreach (var batch in batches.GetBatchesAsync(cancellationToken: Cancellation))
        {
            listed.Add(batch.Id);
        }

        Assert.Contains(created.BatchId, listed);
    }

    [Fact]
    public async Task A_batch_is_cancelled_and_a_file_deleted()
    {
        var files = _openAi.GetOpenAIFileClient();
        var batches = _openAi.GetBatchClient();
        var input = await UploadAsync(files, EngineSilo.Rows(1, "sim/slow"));
        var created = await batches.CreateBatchAsync(Body(input.Id), waitUntilCompleted: false);

        await created.CancelAsync(new());
        var cancelled = await UntilAsync(batches, created.BatchId, "cancelled");
        FileDeletionResult deleted = await files.DeleteFileAsync(input.Id, Cancellation);
        var missing = await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(input.Id, Cancellation));

        Assert.NotEqual(JsonValueKind.Null, cancelled.GetProperty("cancelled_at").ValueKind);
        Assert.True(deleted.Deleted);
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task A_wrong_key_and_a_bad_request_are_understood()
    {
        var stranger = new OpenAIClient(new ApiKeyCredential("nope"), new OpenAIClientOptions { Endpoint = new Uri(silo.Address, "/v1") });

        var wrongKey = await Assert.ThrowsAsync<ClientResultException>(() => stranger.GetOpenAIFileClient().GetFilesAsync(Cancellation));
        var badRequest = await Assert.ThrowsAsync<ClientResultException>(
            () => _openAi.GetBatchClient().CreateBatchAsync(Body("file-nope"), waitUntilCompleted: false));

        Assert.Equal(401, wrongKey.Status);
        Assert.Contains("invalid_api_key", wrongKey.Message, StringComparison.Ordinal);
        Assert.Equal(400, badRequest.Status);
        Assert.Contains("input_file_id", badRequest.Message, StringComparison.Ordinal);
    }

    private static async Task<OpenAIFile> UploadAsync(OpenAIFileClient files, string rows)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(rows));
        return await files.UploadFileAsync(content, "rows.jsonl", new FileUploadPurpose("batch"), Cancellation);
    }

    private static BinaryContent Body(string input) => BinaryContent.Create(new BinaryData(Encoding.UTF8.GetBytes(
        $"{{\"input_file_id\":\"{input}\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}}")));

    private static async Task<JsonElement> UntilAsync(BatchClient batches, string id, string status)
    {
        var boxed = await Patience.UntilAsync($"{status} {id}", async () =>
        {
            var result = await batches.GetBatchAsync(id, new());
            var batch = JsonElement.Parse(result.GetRawResponse().Content);
            return batch.GetProperty("status").ValueEquals(status) ? (object)batch : null;
        });
        return (JsonElement)boxed;
    }

    public sealed class Silo : SiloFixture
    {
        protected override string[] Arguments => ["--Batches:CancelGrace=00:00:00.1"];
    }
}
