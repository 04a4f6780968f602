using System.Globalization;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The query of a request, read field by field. The first fault is kept; fields that nobody asks for are ignored.</summary>
internal sealed class QueryFields(IQueryCollection query)
{
    /// <summary>Null: no fault so far.</summary>
    public Refusal? Fault { get; private set; }

    /// <summary>Keeps a fault unless there is one.</summary>
    public void Fail(string name, string message) => Fault ??= Refusal.Invalid(name, message);

    /// <summary>A field that stands there at most once; null when absent or empty.</summary>
    public string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            Fault ??= Refusal.Duplicate(name);
        }

        return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
    }

    /// <summary>A whole number within bounds; null when absent.</summary>
    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
        {
            Fault ??= Refusal.OutOfRange(name, min, max);
        }

        return number;
    }

    /// <summary>One of a few words; null when absent.</summary>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        var text = Text(name);
        CheckWord(name, text, words);
        return text;
    }

    /// <summary>Any number of words out of a few; a field may be repeated.</summary>
    public IReadOnlyList<string> Words(string name, params ReadOnlySpan<string> words)
    {
        var given = new List<string>();
        foreach (var text in query[name])
        {
            if (!string.IsNullOrEmpty(text))
            {
                CheckWord(name, text, words);
                given.Add(text);
            }
        }

        return given;
    }

    /// <summary>
    /// The id of the last item seen. Only its form is checked: ids sort by time, so it is a place in the list whether
    /// or not the item is still there.
    /// </summary>
    public string? Cursor(string name, Func<string, bool> isId)
    {
        var text = Text(name);
        if (text is not null && !isId(text))
        {
            Fail(name, $"'{name}' must be the id of an item of this list.");
        }

        return text;
    }

    /// <summary>The pairs of <c>name[key]=value</c>.</summary>
    public IReadOnlyDictionary<string, string> Pairs(string name, int max)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (field, values) in query)
        {
            if (!field.StartsWith(name + "[", StringComparison.Ordinal) || field[^1] != ']')
            {
                continue;
            }

            pairs[field[(name.Length + 1)..^1]] = values.Count > 0 ? values[0] ?? "" : "";
            if (values.Count > 1)
            {
                Fault ??= Refusal.Duplicate(Shown.Id(field));
            }
        }

        if (pairs.Count > max)
        {
            Fail(name, $"'{name}' must have at most {max} pairs.");
        }

        return pairs;
    }

    private void CheckWord(string name, string? text, ReadOnlySpan<string> words)
    {
        if (text is not null && !words.Contains(text))
        {
            Fail(name, $"Invalid value for '{name}'. Supported values are: {BodyFields.Quoted(words)}.");
        }
    }
}
