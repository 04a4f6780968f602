using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>
/// Input files that nobody meant, or somebody did, from their upload to the end of their batch. What a line may be is
/// tested with the validator; here, that a client reads it, that no row of a bad file is sent, and that nothing stays.
/// </summary>
public sealed class HostileFileTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const int MiB = 1024 * 1024;

    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    // Name, file, and what becomes of it: the faults as code:line, or the custom_ids of its output.
    private static readonly Dictionary<string, (Func<byte[]> File, string Outcome)> Files = new()
    {
        ["empty"] = (() => [], "empty_file:"),
        ["only blank lines"] = (() => Utf8("\n \r\n\t\n"), "empty_file:"),
        ["byte order mark"] = (() => [.. Mark, .. Utf8(Row("a"))], "a"),
        ["only a byte order mark"] = (() => Mark, "empty_file:"),
        ["CRLF and blank lines"] = (() => Utf8($"\r\n{Row("a")}\r\n\r\n{Row("b")}\r\n"), "a b"),
        ["NUL"] = (() => Utf8($"{Row("a")}\n{Row("b\0")}\n\0"), "invalid_json_line:2 invalid_json_line:3"),
        ["invalid UTF-8"] = (() => [.. Utf8(Row("a") + "\n{\""), 0xC3, 0x28, .. Utf8("\":1}")], "invalid_utf8:2"),
        ["lone surrogate"] = (() => Utf8(Row("a", "\"x\":\"\\ud800\",")), "invalid_json_line:1"),
        ["depth 1,000"] = (() => Utf8(Row("a", $"\"x\":{new string('[', 1_000)}{new string(']', 1_000)},")), "invalid_json_line:1"),
        ["depth 64"] = (() => Utf8(Row("a", $"\"x\":{new string('[', 62)}{new string(']', 62)},")), "a"),
        ["a line of 10 MiB + 1"] = (() => Utf8($"{Row("a")}\n{new string('x', (10 * MiB) + 1)}"), "line_too_long:2"),
        ["1e400"] = (() => Utf8(Row("a", "\"temperature\":1e400,")), "a"),
        ["duplicate keys"] = (() => Utf8(Row("a", "\"x\":1,\"x\":1,")), "invalid_json_line:1"),
        ["duplicate ids"] = (() => Utf8($"{Row("a")}\n{Row("b")}\n{Row("a")}"), "duplicate_custom_id:3"),
        ["ids that are paths and line ends"] = (() => Utf8($"{Row("../../x")}\n{Row("a\\r\\nb")}\n{Row("\\u0000")}"), "../../x a\r\nb \0"),
        ["zip"] = (() => [.. "PK"u8, 3, 4, 20, 0, 0, 0, 8, 0, .. Utf8("a.jsonl")], "invalid_json_line:1"),
        ["gzip"] = (() => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "invalid_utf8:1"),
        ["50,001 rows"] = (() => Utf8(string.Join('\n', Enumerable.Range(0, 50_001).Select(n => Row($"{n}")))), "too_many_tasks:"),
        ["cut at 99 %"] = (() => Utf8($"{Row("a")}\n{Row("b")}")[..^3], "invalid_json_line:2"),
        ["a model nobody knows"] = (() => Utf8(Row("a").Replace("echo-small", "../../x")), "model_not_found:1"),
        ["a policy of a thousand providers"] = (
            () => Utf8(Row("a", $"\"provider\":{{\"only\":[{string.Join(',', Enumerable.Repeat("\"p\"", 1_000))}]}},")), "invalid_value:1"),
        ["1,000 bad lines"] = (
            () => Utf8(string.Concat(Enumerable.Repeat("x\n", 1_000))), string.Join(' ', Enumerable.Range(1, 100).Select(n => $"invalid_json_line:{n}"))),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_file_has_its_outcome_and_a_bad_one_leaves_its_faults_and_nothing_else(string name)
    {
        var (file, outcome) = Files[name];
        var input = await UploadAsync(file());

        using var response = await silo.Client.PostJsonAsync(
            "/v1/batches", $"{{\"input_file_id\":\"{input}\",\"endpoint\":\"/v1/chat/completions\"}}");
        using var created = await response.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var batch = await UntilEndedAsync(created.Text("id")!);

        if (batch.Text("status") == "failed")
        {
            Assert.Equal(outcome, Faults(batch));
            Assert.Equal((0L, 0L, 0L), Counts(batch));
            Assert.Equal((null, null), (batch.Text("output_file_id"), batch.Text("error_file_id")));
            Assert.All(await BlobsAsync(batch.Text("id")!), blob => Assert.Contains("/kept/", blob, StringComparison.Ordinal));
        }
        else
        {
            Assert.Equal(("completed", null), (batch.Text("status"), batch.Text("error_file_id")));
            Assert.Equal(outcome, await CustomIdsAsync(batch.Text("output_file_id")!));
        }
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("..\\..\\x.jsonl")]
    [InlineData("/etc/passwd")]
    [InlineData("a%0d%0ab")]
    [InlineData("a\\\"b; name=x")]
    [InlineData("ünïcödé 🦉.jsonl")]
    public async Task Name_of_a_file_is_shown_and_never_a_path(string name)
    {
        using var uploaded = await silo.Client.PostFormAsync("/v1/files", new Form().Part("purpose").File(name, "{}\n")).JsonAsync();

        var id = uploaded.Text("id")!;
        using var read = await silo.Client.GetAsync($"/v1/files/{id}", Cancellation).JsonAsync();
        Assert.Equal(uploaded.Text("filename"), read.Text("filename"));
        Assert.NotEmpty(read.Text("filename")!);
        Assert.Contains($"default/files/{id}", await BlobsAsync("files"));
        using var content = await silo.Client.GetAsync($"/v1/files/{id}/content", Cancellation);
        Assert.Equal("{}\n", await content.TextAsync());
        Assert.DoesNotContain("\r\n", string.Concat(content.Content.Headers.SelectMany(header => header.Value)), StringComparison.Ordinal);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Row(string id, string more = "") =>
        $"{{\"custom_id\":\"{id}\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{{{more}\"model\":\"sim/echo-small\",\"messages\":[]}}}}";

    private static string Faults(JsonDocument batch) => string.Join(' ', batch.RootElement.GetProperty("errors").GetProperty("data")
        .EnumerateArray().Select(fault => $"{fault.GetProperty("code").GetString()}:{fault.GetProperty("line")}"));

    private static (long Total, long Completed, long Failed) Counts(JsonDocument batch)
    {
        var counts = batch.RootElement.GetProperty("request_counts");
        return (counts.GetProperty("total").GetInt64(), counts.GetProperty("completed").GetInt64(), counts.GetProperty("failed").GetInt64());
    }

    private async Task<string> UploadAsync(byte[] file)
    {
        using var content = new MultipartFormDataContent
        {
            { new StringContent("batch"), "purpose" },
            { new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/jsonl") } }, "file", "in.jsonl" },
        };
        using var response = await silo.Client.PostAsync("/v1/files", content, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var json = await response.JsonAsync();
        return json.Text("id")!;
    }

    // Terminal, and nothing owed any more.
    private Task<JsonDocument> UntilEndedAsync(string id) => Patience.UntilAsync($"end of {id}", async () =>
    {
        var batch = await silo.Client.GetAsync($"/v1/batches/{id}", Cancellation).JsonAsync();
        var isEnded = batch.Text("lifecycle_status") is "failed" or "completed" && !await IsOpenAsync(id);
        if (isEnded)
        {
            return batch;
        }

        batch.Dispose();
        return null;
    });

    private async Task<bool> IsOpenAsync(string id)
    {
        await foreach (var row in silo.Get<IOpenBatches>().ListAsync(null, Cancellation))
        {
            if (row.BatchId == id)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string> CustomIdsAsync(string file)
    {
        var ids = new List<string?>();
        foreach (var line in (await silo.Client.GetStringAsync($"/v1/files/{file}/content", Cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            ids.Add(json.Text("custom_id"));
        }

        return string.Join(' ', ids);
    }

    private async Task<List<string>> BlobsAsync(string folder)
    {
        var names = new List<string>();
        await foreach (var name in silo.Get<IBlobStore>().ListAsync($"default/{folder}/", Cancellation))
        {
            names.Add(name);
        }

        return names;
    }
}
