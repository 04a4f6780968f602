using System.Text;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Good answers of a <see cref="FakeUpstream"/>: the right shape for each path, 10 tokens in and 5 out, and
/// <c>sha256:</c> with the hash of the request's body in a text.
/// </summary>
public static class FakeAnswers
{
    private const string Mark = "sha256:";
    private const int HashLength = 64;

    /// <summary>The answer to a call; null for a path that no provider has.</summary>
    public static byte[]? Find(string path, string bodyHash) => Shape(path) is { } shape
        ? Encoding.UTF8.GetBytes(shape.ReplaceLineEndings("").Replace("HASH", Mark + bodyHash, StringComparison.Ordinal))
        : null;

    /// <summary>The hash in an answer, or in a line that holds one; null when there is none.</summary>
    public static string? FindHash(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf(Encoding.UTF8.GetBytes(Mark));
        return at >= 0 && text.Length >= at + Mark.Length + HashLength
            ? Encoding.UTF8.GetString(text.Slice(at + Mark.Length, HashLength))
            : null;
    }

    private static string? Shape(string path) => path switch
    {
        "/v1/chat/completions" => """
            {"id":"chatcmpl-fake","object":"chat.completion","created":1700000000,"model":"fake",
            "choices":[{"index":0,"message":{"role":"assistant","content":"HASH","refusal":null},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":2},
            "completion_tokens_details":{"reasoning_tokens":1}}}
            """,
        "/v1/completions" => """
            {"id":"cmpl-fake","object":"text_completion","created":1700000000,"model":"fake",
            "choices":[{"index":0,"text":"HASH","logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}
            """,
        "/v1/responses" => """
            {"id":"resp_fake","object":"response","created_at":1700000000,"status":"completed","model":"fake","output":[{"type":"message",
            "id":"msg_fake","status":"completed","role":"assistant","content":[{"type":"output_text","text":"HASH","annotations":[]}]}],
            "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":2},"output_tokens":5,
            "output_tokens_details":{"reasoning_tokens":1},"total_tokens":15}}
            """,
        "/v1/embeddings" => """
            {"object":"list","model":"HASH","data":[{"object":"embedding","index":0,"embedding":[0.6,-0.8]}],
            "usage":{"prompt_tokens":10,"total_tokens":10}}
            """,
        "/v1/moderations" => """
            {"id":"modr-fake","model":"HASH","results":[{"flagged":false,"categories":{"hate":false},"category_scores":{"hate":0}}]}
            """,
        "/v1/images/generations" => """
            {"created":1700000000,"data":[{"b64_json":"AAAA","revised_prompt":"HASH"}],
            "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}
            """,
        "/v1/messages" => """
            {"id":"msg_fake","type":"message","role":"assistant","model":"fake","content":[{"type":"text","text":"HASH"}],
            "stop_reason":"end_turn","stop_sequence":null,
            "usage":{"input_tokens":7,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"output_tokens":5}}
            """,
        _ => null,
    };
}
