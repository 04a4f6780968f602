using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class RequestLineReaderTests
{
    [Fact]
    public void Parts_are_the_raw_tokens_of_the_line()
    {
        var line = """ {"method":"POST", "custom_id" : "a\"b" ,"body": {"provider":{"only":["x"]},"model":"m\u0031", "n":1 } }"""u8;

        var parts = RequestLineReader.Read(line);

        Assert.Equal("\"a\\\"b\"", Text(parts.CustomId.Of(line)));
        Assert.Equal("""{"provider":{"only":["x"]},"model":"m\u0031", "n":1 }""", Text(parts.Body.Of(line)));
        Assert.Equal("\"m\\u0031\"", Text(parts.Model.Of(line)));
        Assert.Equal("""{"only":["x"]}""", Text(parts.Provider.Of(line)));
        Assert.True(parts.MustStrip);
    }

    [Theory]
    [InlineData("""{"model":"m"}""", false, false)]
    [InlineData("""{"model":"m","provider":{}}""", true, true)]
    [InlineData("""{"model":"m","\u0070rovider":{}}""", true, true)]
    [InlineData("""{"model":"m","provider":null}""", true, false)]
    [InlineData("""{"model":"m","debug":{}}""", true, false)]
    [InlineData("""{"model":"m","session_id":null}""", true, false)]
    [InlineData("""{"model":"m","messages":[{"provider":{},"debug":1,"session_id":"s"}]}""", false, false)]
    public void Only_what_stands_directly_in_the_body_is_ours(string body, bool mustStrip, bool hasProvider)
    {
        var line = Encoding.UTF8.GetBytes($$"""{"custom_id":"a","method":"POST","body":{{body}}}""");

        var parts = RequestLineReader.Read(line);

        Assert.Equal(mustStrip, parts.MustStrip);
        Assert.Equal(hasProvider, !parts.Provider.IsEmpty);
    }

    [Fact]
    public void Every_valid_line_reads_as_a_parser_reads_it() => RequestLineGen.Bytes.Sample(line =>
    {
        var parts = RequestLineReader.Read(line);
        var root = JsonNode.Parse(line)!;
        var body = root["body"]!.AsObject();

        Assert.Equal((string)root["custom_id"]!, JsonSerializer.Deserialize<string>(parts.CustomId.Of(line)));
        Assert.Equal((string)body["model"]!, JsonSerializer.Deserialize<string>(parts.Model.Of(line)));
        Assert.True(JsonNode.DeepEquals(body, JsonNode.Parse(parts.Body.Of(line))));
        Assert.Equal(body["provider"] is null, parts.Provider.IsEmpty);
        Assert.True(parts.Provider.IsEmpty || JsonNode.DeepEquals(body["provider"], JsonNode.Parse(parts.Provider.Of(line))));
        Assert.Equal(
            body.ContainsKey("provider") || body.ContainsKey("debug") || body.ContainsKey("session_id"), parts.MustStrip);
    });

    [Theory]
    [InlineData("""{"method":"POST","body":{"model":"m"}}""")]
    [InlineData("""{"custom_id":"a","method":"POST","body":{}}""")]
    [InlineData("""{"custom_id":"a","method":"POST"}""")]
    public void A_line_that_was_never_validated_is_refused(string line)
    {
        Assert.Throws<InvalidDataException>(() => RequestLineReader.Read(Encoding.UTF8.GetBytes(line)));
    }

    [Fact]
    public void Reading_a_line_allocates_nothing()
    {
        var line = """{"custom_id":"a","method":"POST","body":{"model":"m","provider":{"only":["x"]},"messages":[{"role":"user"}]}}"""u8;
        RequestLineReader.Read(line);

        var before = GC.GetAllocatedBytesForCurrentThread();
        RequestLineReader.Read(line);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
