using System.Text;
using System.Text.Json;
using CsCheck;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class AnswerReaderTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" \r\n\t{\"a\":1}\n", "{\"a\":1}")]
    [InlineData("\uFEFF{\"a\":1}", "{\"a\":1}")]
    [InlineData("{\r\n  \"a\": [\n1,\r2]\n}", "{    \"a\": [ 1, 2] }")]
    [InlineData("{\"a\":\"x\\r\\ny\"}", "{\"a\":\"x\\r\\ny\"}")]
    [InlineData("{\"a\":\"\u2028é😀\"}", "{\"a\":\"\u2028é😀\"}")]
    public void A_whole_object_becomes_one_line(string body, string expected)
    {
        var form = AnswerReader.Read(Encoding.UTF8.GetBytes(body), Calls.Chat, out var line, out _);

        Assert.Equal(AnswerForm.Whole, form);
        Assert.Equal(expected, Encoding.UTF8.GetString(line.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("<html><body>Bad gateway</body></html>")]
    [InlineData("data: {\"id\":1}\n\ndata: [DONE]\n\n")]
    [InlineData("event: x\ndata: {}\n\n")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    [InlineData("{\"a\":1}\ndata: x")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":\"x\ny\"}")]
    [InlineData("{\"a\":\"\0\"}")]
    [InlineData("\0")]
    public void What_is_no_json_object_is_invalid(string body)
    {
        var form = AnswerReader.Read(Encoding.UTF8.GetBytes(body), Calls.Chat, out var line, out var usage);

        Assert.Equal(AnswerForm.Invalid, form);
        Assert.True(line.IsEmpty);
        Assert.Null(usage);
    }

    [Fact]
    public void Invalid_utf8_in_a_text_is_invalid()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal(AnswerForm.Invalid, AnswerReader.Read(body, Calls.Chat, out _, out _));
    }

    [Theory]
    [InlineData(62, AnswerForm.Whole)]
    [InlineData(63, AnswerForm.Invalid)]
    [InlineData(1000, AnswerForm.Invalid)]
    public void Depth_is_bounded(int depth, object form)
    {
        var body = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

        Assert.Equal(form, AnswerReader.Read(Encoding.UTF8.GetBytes(body), Calls.Chat, out _, out _));
    }

    [Fact]
    public void Every_beginning_of_an_answer_is_truncated()
    {
        const string Body =
            """{"id":"é","n":-1.5e3,"b":[true,false,null],"usage":{"prompt_tokens":10,"x":{"y":[1]},"completion_tokens":5},"data":[{}]}""";
        var bytes = Encoding.UTF8.GetBytes(Body);

        Assert.All(Enumerable.Range(1, bytes.Length - 1), length => Assert.All(Calls.Endpoints, endpoint => Assert.Equal(
            AnswerForm.Truncated, AnswerReader.Read(bytes.AsMemory(0, length).ToArray(), endpoint, out _, out _))));
    }

    [Fact]
    public void Nothing_that_an_upstream_sends_makes_it_throw_or_break_a_line()
    {
        var words = Gen.OneOf(
            "{", "}", "[", "]", ",", ":", "\"usage\"", "\"prompt_tokens\"", "\"prompt_tokens_details\"", "\"cached_tokens\"", "\"data\"",
            "1", "-1", "9999999999999999999999", "1.5", "1e400", "true", "null", "\"x\"", "\n", "\r\n", " ", "é", "\u0001");
        var bodies = words.Array[0, 40].Select(x => "{" + string.Concat(x));

        Gen.Select(bodies, Gen.OneOf(Calls.Endpoints)).Sample((body, endpoint) =>
        {
            if (AnswerReader.Read(Encoding.UTF8.GetBytes(body), endpoint, out var line, out _) == AnswerForm.Whole)
            {
                using var document = JsonDocument.Parse(line);
                Assert.Equal(-1, line.Span.IndexOfAny((byte)'\r', (byte)'\n'));
            }
        });
    }

    [Fact]
    public void The_reader_agrees_with_the_document_model_on_what_is_an_object()
    {
        var tokens = Gen.OneOf("{", "}", "[", "]", ",", ":", "\"a\"", "1", "null");

        tokens.Array[0, 12].Select(string.Concat).Sample(
            body =>
            {
                var whole = AnswerReader.Read(Encoding.UTF8.GetBytes(body), Calls.Chat, out _, out _) == AnswerForm.Whole;

                Assert.Equal(IsObject(body), whole);
            },
            iter: 20_000);
    }

    private static bool IsObject(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
