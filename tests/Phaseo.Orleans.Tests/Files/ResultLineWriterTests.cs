using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class ResultLineWriterTests
{
    private const string RowId = "batch_req_0123456789abcdef0123456789abcdef";

    [Fact]
    public void An_answer_is_one_line_in_the_shape_of_the_contract()
    {
        var line = Answer("\"row-1\"", 200, "req_1", """{"id":"x","choices":[ ]}""");

        Assert.Equal(
            """{"id":"batch_req_0123456789abcdef0123456789abcdef","custom_id":"row-1","response":{"status_code":200,"request_id":"req_1","body":{"id":"x","choices":[ ]}},"error":null}""" + "\n",
            line);
    }

    [Fact]
    public void A_fault_is_one_line_in_the_shape_of_the_contract()
    {
        var output = new ArrayBufferWriter<byte>();

        ResultLineWriter.WriteFault(
            output, Encoding.UTF8.GetBytes(RowId), "\"a\\n\""u8, "batch_expired", "The batch's \"window\" ended\nfirst.");

        Assert.Equal(
            """{"id":"batch_req_0123456789abcdef0123456789abcdef","custom_id":"a\n","response":null,"error":{"code":"batch_expired","message":"The batch\u0027s \u0022window\u0022 ended\nfirst."}}""" + "\n",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Without_an_upstream_id_the_rows_own_stands_in()
    {
        var line = JsonNode.Parse(Answer("\"a\"", 429, null, "{}"))!;

        Assert.Equal(RowId, (string)line["response"]!["request_id"]!);
    }

    [Fact]
    public void An_empty_body_is_null()
    {
        var line = JsonNode.Parse(Answer("\"a\"", 404, null, ""))!;

        Assert.True(line["response"]!.AsObject().ContainsKey("body"));
        Assert.Null(line["response"]!["body"]);
    }

    [Fact]
    public void A_request_id_is_cut_at_256_characters()
    {
        var line = JsonNode.Parse(Answer("\"a\"", 200, new string('x', 100_000), "{}"))!;

        Assert.Equal(new string('x', 256), (string)line["response"]!["request_id"]!);
    }

    [Fact]
    public void Whatever_an_upstream_says_the_line_stays_one_line_of_json() =>
        Gen.Select(JsonGen.Value, JsonGen.Value, Gen.OneOf("\n", "\r\n", "\r", ""), Gen.String[0, 300], Gen.Int[100, 599])
            .Sample((first, second, end, requestId, status) =>
            {
                var body = $"{{{end}\"a\":{first},{end}{end}\"b\":{end}{second}}}{end}";

                var line = Answer("\"a\\u0062\"", status, requestId, body);

                Assert.Equal(line.Length - 1, line.IndexOf('\n'));
                Assert.DoesNotContain('\r', line);
                var parsed = JsonNode.Parse(line)!;
                Assert.Equal("ab", (string)parsed["custom_id"]!);
                Assert.Equal(status, (int)parsed["response"]!["status_code"]!);
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), parsed["response"]!["body"]));
                Assert.Equal(WellFormed(requestId[..Math.Min(requestId.Length, 256)]), (string)parsed["response"]!["request_id"]!);
            });

    [Fact]
    public void Writing_an_answer_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var id = Encoding.UTF8.GetBytes(RowId);
        Write();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write() => ResultLineWriter.WriteAnswer(output, id, "\"a\""u8, 200, "req_5f1c-2:x", """{"a":1}"""u8);
    }

    private static string Answer(string customId, int status, string? requestId, string body)
    {
        var output = new ArrayBufferWriter<byte>();
        ResultLineWriter.WriteAnswer(
            output, Encoding.UTF8.GetBytes(RowId), Encoding.UTF8.GetBytes(customId), status, requestId, Encoding.UTF8.GetBytes(body));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // Half a surrogate pair has no UTF-8 and becomes U+FFFD.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
