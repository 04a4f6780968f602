using System.Text;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class UsageReaderTests
{
    private const string Responses = "/v1/responses";
    private const string Messages = "/v1/messages";
    private const string Images = "/v1/images/generations";

    /// <summary>Examples of the providers' public API references, cut to what counts.</summary>
    [Theory]
    [InlineData(
        Calls.Chat,
        """
        {"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},
        "completion_tokens_details":{"reasoning_tokens":64,"accepted_prediction_tokens":0}}}
        """,
        "in 2006 cached 1920 written 0 out 300 reasoning 64 images 0")]
    [InlineData(
        Calls.Chat,
        """{"usage":{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":30}}}""",
        "in 100 cached 20 written 30 out 1 reasoning 0 images 0")]
    [InlineData(
        "/v1/completions",
        """{"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}""",
        "in 5 cached 0 written 0 out 7 reasoning 0 images 0")]
    [InlineData(
        Responses,
        """
        {"usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":4},"output_tokens":87,
        "output_tokens_details":{"reasoning_tokens":9},"total_tokens":123}}
        """,
        "in 36 cached 4 written 0 out 87 reasoning 9 images 0")]
    [InlineData(
        "/v1/embeddings",
        """{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":8,"total_tokens":8}}""",
        "in 8 cached 0 written 0 out 0 reasoning 0 images 0")]
    [InlineData(
        Messages,
        """
        {"usage":{"input_tokens":2095,"cache_creation_input_tokens":2051,"cache_read_input_tokens":100,"output_tokens":503,
        "cache_creation":{"ephemeral_5m_input_tokens":2051,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}
        """,
        "in 4246 cached 100 written 2051 out 503 reasoning 0 images 0")]
    [InlineData(
        Messages,
        """{"usage":{"input_tokens":10,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":5}}""",
        "in 10 cached 0 written 0 out 5 reasoning 0 images 0")]
    [InlineData(
        Images,
        """
        {"created":1713833628,"data":[{"b64_json":"..."},{"b64_json":"..."}],"usage":{"total_tokens":100,"input_tokens":50,"output_tokens":50,
        "input_tokens_details":{"text_tokens":10,"image_tokens":40}}}
        """,
        "in 50 cached 0 written 0 out 50 reasoning 0 images 2")]
    [InlineData(Images, """{"data":[{"url":"x","n":[{}]},{"url":"y"}]}""", "in 0 cached 0 written 0 out 0 reasoning 0 images 2")]
    [InlineData(Images, """{"data":[]}""", "in 0 cached 0 written 0 out 0 reasoning 0 images 0")]
    public void Meters_are_read_as_each_endpoint_writes_them(string endpoint, string body, string expected)
    {
        var usage = Assert.NotNull(Read(endpoint, body));

        Assert.Equal(expected, Text(usage));
        Assert.Equal(1, usage.Requests);
    }

    [Theory]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{}}""")]
    [InlineData("""{"usage":[1]}""")]
    [InlineData("""{"usage":{"total_tokens":5}}""")]
    [InlineData("""{"choices":[{"usage":{"prompt_tokens":5}}]}""")]
    [InlineData("""{"usage":{"prompt_tokens":-1,"completion_tokens":5}}""")]
    [InlineData("""{"usage":{"prompt_tokens":5,"completion_tokens":9223372036854775808}}""")]
    [InlineData("""{"usage":{"prompt_tokens":5,"completion_tokens":9223372036854775807}}""")]
    [InlineData("""{"usage":{"prompt_tokens":1e400}}""")]
    [InlineData("""{"usage":{"prompt_tokens":1.5}}""")]
    [InlineData("""{"usage":{"prompt_tokens":"5"}}""")]
    [InlineData("""{"usage":{"prompt_tokens":{"a":[1]},"completion_tokens":5}}""")]
    [InlineData("""{"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":-5}}}""")]
    [InlineData("""{"usage":{"prompt_tokens":5},"usage":null}""")]
    public void Usage_that_is_not_there_or_cannot_be_is_missing(string body) => Assert.Null(Read(Calls.Chat, body));

    [Fact]
    public void Moderations_count_nothing() =>
        Assert.Null(Read("/v1/moderations", """{"id":"modr-1","model":"m","results":[{"flagged":false}]}"""));

    [Theory]
    [InlineData(
        """{"usage":{"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":9},"completion_tokens_details":{"reasoning_tokens":4}}}""",
        "in 5 cached 5 written 0 out 3 reasoning 3 images 0")]
    [InlineData(
        """{"usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":3}}}""",
        "in 5 cached 3 written 2 out 0 reasoning 0 images 0")]
    public void A_part_is_never_more_than_its_total(string body, string expected) =>
        Assert.Equal(expected, Text(Assert.NotNull(Read(Calls.Chat, body))));

    [Fact]
    public void Of_a_repeated_property_the_last_counts() => Assert.Equal(
        "in 2 cached 0 written 0 out 0 reasoning 0 images 0",
        Text(Assert.NotNull(Read(Calls.Chat, """{"usage":{"prompt_tokens":1,"completion_tokens":9},"usage":{"prompt_tokens":1,"prompt_tokens":2}}"""))));

    [Fact]
    public void Escaped_names_are_the_same_names() => Assert.Equal(
        "in 4 cached 0 written 0 out 0 reasoning 0 images 0",
        Text(Assert.NotNull(Read(Calls.Chat, """{"\u0075sage":{"prompt_token\u0073":4}}"""))));

    private static Meters? Read(string endpoint, string body)
    {
        var form = AnswerReader.Read(Encoding.UTF8.GetBytes(body), endpoint, out _, out var usage);
        Assert.Equal(AnswerForm.Whole, form);
        return usage;
    }

    private static string Text(Meters usage) =>
        $"in {usage.InputTokens} cached {usage.CachedInputTokens} written {usage.CacheWriteInputTokens} "
        + $"out {usage.OutputTokens} reasoning {usage.ReasoningTokens} images {usage.Images}";
}
