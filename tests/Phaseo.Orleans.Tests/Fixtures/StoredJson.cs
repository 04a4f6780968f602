using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Golden files of shapes that are stored as JSON.</summary>
internal static class StoredJson
{
    /// <summary>
    /// The value is written as the golden has it, and all forms of the golden are read without losing anything: today's
    /// gives the value again, an old one gives at least all that it holds.
    /// </summary>
    public static void Check<T>(string name, T value, JsonTypeInfo<T> type)
    {
        StoredGolden.Check(name + ".json", Golden.Text(JsonSerializer.SerializeToElement(value, type)));
        var read = JsonSerializer.Deserialize(StoredGolden.Read(name + ".json"), type)!;
        Assert.Equivalent(value, read, strict: true);
        foreach (var form in StoredGolden.ReadAll(name + ".json"))
        {
            using var stored = JsonDocument.Parse(form);
            var again = JsonSerializer.SerializeToElement(JsonSerializer.Deserialize(form, type)!, type);
            Holds(stored.RootElement, again, name);
        }
    }

    // Whatever was stored is still there after reading; what has come since may be there too.
    private static void Holds(JsonElement stored, JsonElement read, string path)
    {
        Assert.True(stored.ValueKind == read.ValueKind, $"{path} was {stored.ValueKind} and is read as {read.ValueKind}.");
        switch (stored.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in stored.EnumerateObject())
                {
                    Assert.True(read.TryGetProperty(field.Name, out var value), $"{path}.{field.Name} was stored and is lost in reading.");
                    Holds(field.Value, value, $"{path}.{field.Name}");
                }

                break;
            case JsonValueKind.Array:
                Assert.Equal(stored.GetArrayLength(), read.GetArrayLength());
                foreach (var (old, now) in stored.EnumerateArray().Zip(read.EnumerateArray()))
                {
                    Holds(old, now, $"{path}[]");
                }

                break;
            default:
                Assert.True(JsonElement.DeepEquals(stored, read), $"{path} was {stored} and is read as {read}.");
                break;
        }
    }
}
