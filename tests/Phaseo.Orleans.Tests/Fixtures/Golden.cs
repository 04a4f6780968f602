using System.Text.Encodings.Web;
using System.Text.Json;

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
        var actual = JsonSerializer.Serialize(document.RootElement, Indented) + "\n";
        if (Environment.GetEnvironmentVariable("PHASEO_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), name + ".json"), actual);
        }

        Assert.Equal(File.ReadAllText(Path.Combine(SourceFolder(), name + ".json")), actual);
    }

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Phaseo.Orleans.sln")))
            {
                return Path.Combine(folder.FullName, "tests", "Phaseo.Orleans.Tests", "Golden");
            }
        }

        throw new DirectoryNotFoundException("The tests must run inside the source tree.");
    }
}
