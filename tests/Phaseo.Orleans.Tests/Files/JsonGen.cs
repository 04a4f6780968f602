using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace Phaseo.Orleans.Tests.Files;

/// <summary>
/// Generates valid JSON as text, with what a client may do to it: white space anywhere, escaped names, names of ours
/// nested where they mean nothing, any order of members.
/// </summary>
internal static class JsonGen
{
    /// <summary>White space between tokens; never a line feed, which would end the line.</summary>
    public static readonly Gen<string> Space = Gen.Frequency((6, Gen.Const("")), (2, Gen.Const(" ")), (1, Gen.OneOf("\t", "  ", "\r", " \t ")));

    /// <summary>A string token.</summary>
    public static readonly Gen<string> String = Gen.OneOf(
        Gen.Char['a', 'z'].Array[0, 12].Select(letters => JsonSerializer.Serialize(new string(letters))),
        Gen.OneOf("""
            ""
            "é漢字😀"
            "\ud83d\ude00"
            "quote \" backslash \\ slash \/ end"
            "\\"
            "\\\""
            "\u0000\u001f\n\r\t\b\f"
            "{\"model\":\"no\"}"
            ",\"provider\":{}"
            """.Split('\n')));

    /// <summary>Any value, nested at most three deep.</summary>
    public static readonly Gen<string> Value = ValueOf(3);

    /// <summary>A name as one of its spellings: plain, or with a letter escaped.</summary>
    public static Gen<string> NameToken(string name) => Gen.Frequency((4, Gen.Const(-1)), (1, Gen.Int[0, name.Length - 1]))
        .Select(at => at < 0 ? $"\"{name}\"" : string.Create(
            CultureInfo.InvariantCulture, $"\"{name[..at]}\\u{(int)name[at]:x4}{name[(at + 1)..]}\""));

    /// <summary>An object of these members, in any order.</summary>
    public static Gen<string> Object(params (string Name, Gen<string> Value)[] members) =>
        Gen.Shuffle(members).SelectMany(shuffled => shuffled.Aggregate(
            Gen.Const(""),
            (text, member) => Gen.Select(
                text, NameToken(member.Name), member.Value, Space, Space, Space, Space,
                (before, name, value, a, b, c, d) => $"{before}{(before.Length == 0 ? "" : ",")}{a}{name}{b}:{c}{value}{d}"),
            text => Gen.Select(text, Space, (inner, space) => inner.Length == 0 ? $"{{{space}}}" : $"{{{inner}}}")));

    /// <summary>An object with these members, each there or not.</summary>
    public static Gen<string> ObjectOfSome(params (string Name, Gen<string> Value)[] members) =>
        Gen.Bool.Array[members.Length].SelectMany(isThere => Object([.. members.Where((_, i) => isThere[i])]));

    private static Gen<string> ValueOf(int depth)
    {
        var leaf = Gen.Frequency((3, String), (2, Gen.OneOf("true", "false", "null", "0", "-1.5e-7", "1e400", "12345678901234567890")));
        if (depth == 0)
        {
            return leaf;
        }

        var inner = ValueOf(depth - 1);
        var list = Gen.Select(inner.Array[0, 3], Space, (items, space) => $"[{space}{string.Join("," + space, items)}]");
        var tree = ObjectOfSome(("model", inner), ("provider", inner), ("body", inner), ("custom_id", inner), ("role", inner));
        return Gen.Frequency((4, leaf), (1, list), (2, tree));
    }
}
