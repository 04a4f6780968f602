using System.Collections.Immutable;
using System.Text.Json;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The <c>metadata</c> of a create: at most 16 pairs, lengths in code points.</summary>
internal static class MetadataReader
{
    /// <summary>Pairs at most; also of a list's filter.</summary>
    public const int MaxPairs = 16;

    private const string Field = "metadata";
    private const int MaxKey = 64;
    private const int MaxValue = 512;

    /// <summary>The pairs in the client's order; null: not set.</summary>
    public static ImmutableArray<KeyValuePair<string, string>>? Read(BodyFields fields)
    {
        if (fields.Value(Field) is not { } value)
        {
            return null;
        }

        if (FindFault(value) is { } message)
        {
            fields.Fail(Field, message, "invalid_batch_metadata");
            return null;
        }

        return [.. value.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!))];
    }

    private static string? FindFault(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return "Invalid type for 'metadata': expected an object.";
        }

        var pairs = 0;
        foreach (var pair in value.EnumerateObject())
        {
            if (++pairs > MaxPairs)
            {
                return $"'metadata' must have at most {MaxPairs} pairs.";
            }

            if (CodePoints.Count(pair.Name) is 0 or > MaxKey)
            {
                return $"Keys of 'metadata' must have 1 to {MaxKey} characters.";
            }

            if (pair.Value.ValueKind != JsonValueKind.String)
            {
                return $"Values of 'metadata' must be strings; '{Shown.Id(pair.Name)}' is not.";
            }

            if (CodePoints.Count(pair.Value.GetString()!) > MaxValue)
            {
                return $"Values of 'metadata' must have at most {MaxValue} characters; '{Shown.Id(pair.Name)}' has more.";
            }
        }

        return null;
    }
}

/// <summary>Lengths as the contract counts them.</summary>
internal static class CodePoints
{
    /// <summary>How many code points: a surrogate pair is one.</summary>
    public static int Count(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
