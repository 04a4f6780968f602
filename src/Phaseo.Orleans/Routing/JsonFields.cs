using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// One JSON object read field by field. Nothing throws: every fault goes to one list with its path, so that a file's
/// author sees all of them at once, and the reader goes on with a value that stands in. What was never asked for is
/// unknown (<see cref="RefuseOthers"/>). A member that is null counts as absent.
/// </summary>
internal sealed class JsonFields(JsonElement element, string path, List<string> errors)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public void Fault(string name, string what) => errors.Add($"{Path(name)}: {what}");

    /// <summary>A string of 1 to <paramref name="max"/> characters; null when absent or faulty.</summary>
    public string? Text(string name, bool required = false, int max = 256)
    {
        if (!Find(name, required, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text || text.Length > max)
        {
            Fault(name, $"must be a string of 1 to {max} characters.");
            return null;
        }

        return text;
    }

    /// <summary>A list of strings; null when absent or faulty.</summary>
    public ImmutableArray<string>? Texts(string name, bool required = false)
    {
        if (!Find(name, required, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            Fault(name, "must be a list of strings.");
            return null;
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>A whole number in a range; null when absent or faulty.</summary>
    public long? Number(string name, long min, long max, bool required = false)
    {
        if (!Find(name, required, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Fault(name, $"must be a whole number between {min} and {max}.");
        return null;
    }

    /// <summary>A share between 0 and 1; null when absent or faulty.</summary>
    public double? Share(string name)
    {
        if (!Find(name, required: false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var share) && share is >= 0 and <= 1)
        {
            return share;
        }

        Fault(name, "must be a number between 0 and 1.");
        return null;
    }

    /// <summary>An amount, written as a number or a numeric string; null when absent or faulty.</summary>
    public decimal? Amount(string name, decimal max, int decimals)
    {
        if (!Find(name, required: true, out var value))
        {
            return null;
        }

        if (TryAmount(value, out var amount) && amount >= 0 && amount <= max && decimal.Round(amount, decimals) == amount)
        {
            return amount;
        }

        Fault(name, $"must be an amount between 0 and {max} with at most {decimals} decimals, as a number or a string.");
        return null;
    }

    /// <summary>true or false; null when absent or faulty.</summary>
    public bool? Flag(string name)
    {
        if (!Find(name, required: false, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fault(name, "must be true or false.");
        return null;
    }

    /// <summary>One of a few words; the default of <typeparamref name="T"/> when absent or faulty.</summary>
    public T? Choice<T>(string name, bool required, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (!Find(name, required, out var value))
        {
            return default;
        }

        foreach (var (word, choice) in choices)
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(word))
            {
                return choice;
            }
        }

        var words = new List<string>();
        foreach (var (word, _) in choices)
        {
            words.Add(word);
        }

        Fault(name, $"must be one of {string.Join(", ", words)}.");
        return default;
    }

    /// <summary>An object; null when absent or faulty.</summary>
    public JsonFields? Object(string name)
    {
        if (!Find(name, required: false, out var value))
        {
            return null;
        }

        return Of(value, Path(name), errors);
    }

    /// <summary>The objects of a list, faulty items left out; empty when absent or faulty.</summary>
    public IEnumerable<JsonFields> Objects(string name, bool required = false)
    {
        if (!Find(name, required, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(name, "must be a list of objects.");
            return [];
        }

        return value.EnumerateArray().Select((item, index) => Of(item, $"{Path(name)}[{index}]", errors)).OfType<JsonFields>();
    }

    /// <summary>Faults every member that nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var member in element.EnumerateObject().Where(member => !_asked.Contains(member.Name)))
        {
            Fault(member.Name, "is not a field of the catalog.");
        }
    }

    /// <summary>The fields of a value that must be an object; null, and a fault, when it is not.</summary>
    public static JsonFields? Of(JsonElement value, string path, List<string> errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return new JsonFields(value, path, errors);
        }

        errors.Add($"{path}: must be an object.");
        return null;
    }

    private static bool TryAmount(JsonElement value, out decimal amount)
    {
        amount = 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out amount),
            JsonValueKind.String => decimal.TryParse(
                value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount),
            _ => false,
        };
    }

    private bool Find(string name, bool required, out JsonElement value)
    {
        _asked.Add(name);
        if (element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
        {
            return true;
        }

        if (required)
        {
            Fault(name, "is required.");
        }

        return false;
    }

    private string Path(string name) => path == "$" ? name : $"{path}.{name}";
}
