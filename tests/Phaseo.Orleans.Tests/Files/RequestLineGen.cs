using System.Text;
using CsCheck;

namespace Phaseo.Orleans.Tests.Files;

/// <summary>Generates request lines that are valid by the contract.</summary>
internal static class RequestLineGen
{
    /// <summary>The endpoint that generated lines name.</summary>
    public const string Endpoint = "/v1/chat/completions";

    /// <summary>A <c>custom_id</c> token; not unique.</summary>
    public static readonly Gen<string> CustomId = Gen.OneOf(
        Gen.Int[0, 1_000_000].Select(n => $"\"row-{n}\""),
        Gen.OneOf("""
            "é漢字😀"
            "\u0061\"\\\n"
            "../../x"
            """.Split('\n')));

    /// <summary>A body.</summary>
    public static readonly Gen<string> Body = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool).SelectMany((provider, debug, session, more) =>
    {
        List<(string, Gen<string>)> members = [("model", Gen.OneOf("\"sim/echo-small\"", "\"sim\\/echo-small\"", "\"é\""))];
        Add(provider, "provider", JsonGen.Value);
        Add(debug, "debug", JsonGen.Value);
        Add(session, "session_id", JsonGen.Value);
        Add(more, "messages", JsonGen.Value);
        Add(more, "stream", Gen.OneOf("false", "null"));
        return JsonGen.Object([.. members]);

        void Add(bool isThere, string name, Gen<string> value)
        {
            if (isThere)
            {
                members.Add((name, value));
            }
        }
    });

    /// <summary>A line without its end, in UTF-8.</summary>
    public static readonly Gen<byte[]> Bytes = Line(CustomId).Select(Encoding.UTF8.GetBytes);

    /// <summary>A line without its end.</summary>
    public static Gen<string> Line(Gen<string> customId) => Gen.Select(JsonGen.Space, Gen.Bool, JsonGen.Space).SelectMany((before, url, after) =>
    {
        (string, Gen<string>)[] members =
            [("custom_id", customId), ("method", Gen.OneOf("\"POST\"", "\"P\\u004fST\"")), ("body", Body)];
        return JsonGen.Object(url ? [.. members, ("url", Gen.OneOf($"\"{Endpoint}\"", "\"\\/v1\\/chat\\/completions\""))] : members)
            .Select(text => before + text + after);
    });
}
