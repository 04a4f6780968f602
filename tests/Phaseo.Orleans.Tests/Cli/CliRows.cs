using System.Text.Json.Nodes;

namespace Phaseo.Orleans.Tests.Cli;

/// <summary>Input rows and what became of them.</summary>
internal static class CliRows
{
    /// <summary>Rows with the ids <c>row-0</c>, <c>row-1</c>, …</summary>
    public static string Of(string model, int count, int first = 0, string user = "someone") => string.Concat(
        Enumerable.Range(first, count).Select(row => new JsonObject
        {
            ["custom_id"] = $"row-{row}",
            ["method"] = "POST",
            ["url"] = "/v1/chat/completions",
            ["body"] = new JsonObject
            {
                ["model"] = model,
                ["user"] = user,
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Row {row}" }),
            },
        }.ToJsonString() + "\n"));

    /// <summary>The ids in a result file, in its order.</summary>
    public static string[] IdsIn(string path) =>
        [.. File.ReadLines(path).Select(line => (string)JsonNode.Parse(line)!["custom_id"]!)];
}
