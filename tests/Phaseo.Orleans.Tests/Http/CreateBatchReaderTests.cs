using System.Text;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Tests.Http;

public sealed class CreateBatchReaderTests
{
    private const string Must = "\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/chat/completions\"";

    [Fact]
    public void The_least_body_takes_every_default()
    {
        var (request, refusal) = Read("{" + Must + "}");

        Assert.Null(refusal);
        Assert.Equal("24h", request!.CompletionWindow);
        Assert.Equal(TimeSpan.FromHours(24), request.Window);
        Assert.Null(request.Metadata);
        Assert.Null(request.SessionId);
        Assert.Null(request.OutputExpiresAfter);
    }

    [Fact]
    public void Null_means_not_set_everywhere()
    {
        var (request, refusal) = Read(With("""
            "completion_window":null,"metadata":null,"session_id":null,"output_expires_after":null,"webhook":null,
             "debug":null,"provider":null,"max_cost_usd":null
            """));

        Assert.Null(refusal);
        Assert.Equal("24h", request!.CompletionWindow);
        Assert.Null(request.Metadata);
    }

    [Fact]
    public void Every_served_field_is_read()
    {
        var (request, refusal) = Read(With("""
            "completion_window":"90m","metadata":{"b":"2","a":""},"session_id":"s",
             "output_expires_after":{"anchor":"created_at","seconds":3600},
             "provider":{"only":["openai"],"max_price":{"prompt":"0.5"}},
             "debug":{"enabled":false,"return_upstream_request":true,"trace":true,"trace_level":"full"}
            """));

        Assert.Null(refusal);
        Assert.Equal(TimeSpan.FromMinutes(90), request!.Window);
        Assert.Equal([new("b", "2"), new("a", "")], request.Metadata!);
        Assert.Equal("s", request.SessionId);
        Assert.Equal(TimeSpan.FromHours(1), request.OutputExpiresAfter);
        Assert.Equal(["openai"], request.Provider.Only!);
        Assert.Equal(0.5m, request.Provider.MaxPrice!.Prompt);
    }

    [Fact]
    public void An_empty_session_is_not_set() => Assert.Null(Read(With("\"session_id\":\"\"")).Request!.SessionId);

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("null", "invalid_json", null)]
    [InlineData("{} {}", "invalid_json", null)]
    [InlineData("{\"a\":1,}", "invalid_json", null)]
    [InlineData("{\"input_file_id\":\"\\ud800\"}", "invalid_string", "input_file_id")]
    [InlineData("{\"metadata\":{\"\\udc00\":\"\"}}", "invalid_string", "metadata")]
    [InlineData("{\"endpoint\":1,\"endpoint\":2}", "duplicate_parameter", "endpoint")]
    [InlineData("{\"metadata\":{\"a\":\"1\",\"\\u0061\":\"2\"}}", "duplicate_parameter", "metadata.a")]
    public void A_body_that_is_not_clean_json_is_refused(string body, string code, string? param) => AssertRefused(body, code, param);

    [Theory]
    [InlineData("\"endpoint\":\"/v1/embeddings\"", "missing_required_parameter", "input_file_id")]
    [InlineData("\"input_file_id\":null,\"endpoint\":\"/v1/embeddings\"", "missing_required_parameter", "input_file_id")]
    [InlineData("\"input_file_id\":\"file-1\"", "missing_required_parameter", "endpoint")]
    [InlineData("\"input_file_id\":7,\"endpoint\":\"/v1/embeddings\"", "invalid_type", "input_file_id")]
    [InlineData("\"input_file_id\":\"\",\"endpoint\":\"/v1/embeddings\"", "invalid_value", "input_file_id")]
    [InlineData("\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/audio\"", "batch_unsupported_endpoint", "endpoint")]
    public void What_must_be_there_is_missed(string fields, string code, string param) => AssertRefused("{" + fields + "}", code, param);

    [Theory]
    [InlineData("\"completion_window\":24", "invalid_type", "completion_window")]
    [InlineData("\"completion_window\":\"1s\"", "invalid_completion_window", "completion_window")]
    [InlineData("\"completion_window\":\"0m\"", "invalid_completion_window", "completion_window")]
    [InlineData("\"completion_window\":\"31d\"", "invalid_completion_window", "completion_window")]
    [InlineData("\"session_id\":1", "invalid_type", "session_id")]
    [InlineData("\"output_expires_after\":3600", "invalid_type", "output_expires_after")]
    [InlineData("\"output_expires_after\":{\"seconds\":3600}", "missing_required_parameter", "output_expires_after.anchor")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\"}", "missing_required_parameter", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"x\",\"seconds\":3600}", "invalid_value", "output_expires_after.anchor")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":3599}", "integer_out_of_range", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":2592001}", "integer_out_of_range", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":3600.5}", "integer_out_of_range", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":1e400}", "integer_out_of_range", "output_expires_after.seconds")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":\"3600\"}", "invalid_type", "output_expires_after.seconds")]
    [InlineData("\"metadata\":[]", "invalid_batch_metadata", "metadata")]
    [InlineData("\"metadata\":{\"a\":1}", "invalid_batch_metadata", "metadata")]
    [InlineData("\"metadata\":{\"a\":null}", "invalid_batch_metadata", "metadata")]
    [InlineData("\"metadata\":{\"\":\"x\"}", "invalid_batch_metadata", "metadata")]
    [InlineData("\"debug\":{\"trace_level\":\"loud\"}", "invalid_value", "debug.trace_level")]
    [InlineData("\"debug\":{\"trace\":\"yes\"}", "invalid_type", "debug.trace")]
    public void A_value_that_does_not_fit_names_its_field(string field, string code, string param) =>
        AssertRefused(With(field), code, param);

    [Theory]
    [InlineData("\"webhook\":{}", "webhook")]
    [InlineData("\"webhook\":{\"url\":\"https://example.com\"}", "webhook")]
    [InlineData("\"debug\":{\"enabled\":true}", "debug.enabled")]
    [InlineData("\"max_cost_usd\":1", "max_cost_usd")]
    [InlineData("\"provider\":{\"sort\":\"price\"}", "provider.sort")]
    public void What_is_not_served_yet_is_said_to_be_so(string field, string param) =>
        AssertRefused(With(field), "unsupported_parameter", param);

    [Theory]
    [InlineData("\"color\":1", "color")]
    [InlineData("\"color\":null", "color")]
    [InlineData("\"Endpoint\":\"x\"", "Endpoint")]
    [InlineData("\"output_expires_after\":{\"anchor\":\"created_at\",\"seconds\":3600,\"x\":1}", "output_expires_after.x")]
    [InlineData("\"debug\":{\"level\":1}", "debug.level")]
    [InlineData("\"provider\":{\"x\":1}", "provider.x")]
    [InlineData("\"provider\":{\"max_price\":{\"x\":1}}", "provider.max_price.x")]
    public void A_field_that_nobody_knows_is_named_with_its_path(string field, string param) =>
        AssertRefused(With(field), "unknown_parameter", param);

    [Fact]
    public void Metadata_takes_sixteen_pairs_of_the_greatest_length_in_code_points_and_no_more()
    {
        var key = string.Concat(Enumerable.Repeat("\U0001F600", 62));
        var value = string.Concat(Enumerable.Repeat("\U0001F600", 512));
        string Body(int pairs, string tail = "") =>
            With($"\"metadata\":{{{string.Join(',', Enumerable.Range(10, pairs).Select(i => $"\"{key}{i}\":\"{value}{tail}\""))}}}");

        Assert.Equal(16, Read(Body(16)).Request!.Metadata!.Value.Length);
        AssertRefused(Body(17), "invalid_batch_metadata", "metadata");
        AssertRefused(Body(1, "x"), "invalid_batch_metadata", "metadata");
        AssertRefused(With($"\"metadata\":{{\"{key}123\":\"\"}}"), "invalid_batch_metadata", "metadata");
    }

    [Fact]
    public void A_session_takes_256_code_points_and_no_more()
    {
        var longest = string.Concat(Enumerable.Repeat("\U0001F600", 256));

        Assert.Equal(longest, Read(With($"\"session_id\":\"{longest}\"")).Request!.SessionId);
        AssertRefused(With($"\"session_id\":\"{longest}x\""), "invalid_value", "session_id");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        byte[] body = [.. "{\"input_file_id\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal("invalid_json", CreateBatchReader.Read(body).Refusal!.Code);
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() => Assert.Null(Read("\uFEFF{" + Must + "}").Refusal);

    [Fact]
    public void Nesting_is_bounded() =>
        AssertRefused("{\"metadata\":" + new string('[', 1000) + new string(']', 1000) + "}", "invalid_json", null);

    [Fact]
    public void A_message_never_quotes_a_value()
    {
        var (_, refusal) = Read(With("\"completion_window\":\"my-secret\""));

        Assert.DoesNotContain("my-secret", refusal!.Message, StringComparison.Ordinal);
    }

    private static string With(string fields) => "{" + Must + "," + fields + "}";

    private static void AssertRefused(string body, string code, string? param)
    {
        var (request, refusal) = Read(body);

        Assert.Null(request);
        Assert.Equal((400, code, param), (refusal!.Status, refusal.Code, refusal.Param));
    }

    private static (BatchRequest? Request, Refusal? Refusal) Read(string body) =>
        CreateBatchReader.Read(Encoding.UTF8.GetBytes(body));
}
