using System.Text.Encodings.Web;
using System.Text.Json;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Compares JSON with <c>Golden/{name}.json</c>, order of fields included. With <c>PHASEO_UPDATE_GOLDEN=1</c> the file
/// is written instead: its diff is then a diff of the contract.
/// </summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Check(string name, string json)
    {
        using var document = JsonDocument.Parse(json);
        var actual = Text(document.RootElement);
        var path = SourceTree.PathOf("tests", "Phaseo.Orleans.Tests", "Golden", name + ".json");
        if (SourceTree.IsUpdating)
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    /// <summary>JSON as golden files have it.</summary>
    public static string Text(JsonElement json) => JsonSerializer.Serialize(json, Indented) + "\n";
}
