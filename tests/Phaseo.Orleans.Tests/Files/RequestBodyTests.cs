using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData("""{"model":"m","n":1.0}""", """{"model":"up/x","n":1.0}""")]
    [InlineData("""{ "n" : 1e400 , "model" : "m" }""", """{ "n" : 1e400 , "model" : "up/x" }""")]
    [InlineData("""{"model":"m","provider":{"only":["a"]}}""", """{"model":"up/x"}""")]
    [InlineData("""{"provider":{"only":["a"]},"model":"m"}""", """{"model":"up/x"}""")]
    [InlineData("""{"a":1,"provider":{"only":["a"]},"model":"m"}""", """{"a":1,"model":"up/x"}""")]
    [InlineData("""{ "debug":1, "a":1, "session_id":"s", "provider":null, "model":"m", "b":2, "x":[] }""", """{ "a":1, "model":"up/x", "b":2, "x":[] }""")]
    [InlineData("""{ "model":"m" , "session_id":"s" }""", """{ "model":"up/x" }""")]
    [InlineData("""{"\u0070rovider":1,"mod\u0065l":"m","debu\u0067":{"model":"m"}}""", """{"mod\u0065l":"up/x"}""")]
    [InlineData("""{"model":"m","debug":"}","in":{"provider":1,"debug":2,"session_id":3,"model":"m"}}""", """{"model":"up/x","in":{"provider":1,"debug":2,"session_id":3,"model":"m"}}""")]
    public void The_upstream_sees_its_own_model_name_and_nothing_of_ours(string body, string expected)
    {
        Assert.Equal(expected, Rewrite(Line(body), "up/x"));
    }

    [Fact]
    public void A_body_that_needs_no_change_is_not_copied()
    {
        var line = Line("""{"model":"m","n":1}""");
        var row = RequestLineReader.Read(line);
        var scratch = new ArrayBufferWriter<byte>();

        var body = RequestBody.ForUpstream(line, row, "\"m\""u8, scratch);

        Assert.Equal(row.Body.Of(line.AsMemory()), body);
        Assert.Equal(0, scratch.WrittenCount);
    }

    [Theory]
    [InlineData("gpt-5-mini", "\"gpt-5-mini\"")]
    [InlineData("a/b+c&d", "\"a/b+c&d\"")]
    [InlineData("\"\\\n", "\"\\\"\\\\\\n\"")]
    public void A_model_name_becomes_a_token(string name, string token)
    {
        Assert.Equal(token, Encoding.UTF8.GetString(RequestBody.ModelToken(name)));
    }

    [Fact]
    public void Whatever_the_body_only_the_model_and_our_members_change() =>
        Gen.Select(RequestLineGen.Bytes, Gen.OneOf("sim/echo-small", "x", "a \"quoted\" and much longer name")).Sample((line, model) =>
        {
            var expected = JsonNode.Parse(line)!["body"]!.AsObject();
            expected.Remove("provider");
            expected.Remove("debug");
            expected.Remove("session_id");
            expected["model"] = model;

            var body = Rewrite(line, model);

            Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(body)), body);
            Assert.Equal(
                expected.Select(member => member.Key), JsonDocument.Parse(body).RootElement.EnumerateObject().Select(member => member.Name));
        });

    private static byte[] Line(string body) => Encoding.UTF8.GetBytes($$"""{"custom_id":"a","method":"POST","body":{{body}}}""");

    private static string Rewrite(byte[] line, string model)
    {
        var body = RequestBody.ForUpstream(
            line, RequestLineReader.Read(line), RequestBody.ModelToken(model), new ArrayBufferWriter<byte>());
        return Encoding.UTF8.GetString(body.Span);
    }
}
