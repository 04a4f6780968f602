using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Walks the members of a policy's objects, one level of nesting deep, and keeps the path of where it stands. The
/// first fault is kept and ends the walk.
/// </summary>
internal ref struct PolicyFields
{
    /// <summary>Entries of a list at most.</summary>
    public const int MaxIds = 32;

    /// <summary>Characters of an entry, and of a name in a fault, at most.</summary>
    public const int MaxIdLength = 64;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly string _root;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private Utf8JsonReader _reader;
    private string? _parent;

    public PolicyFields(ReadOnlySpan<byte> json, string root)
    {
        _reader = new Utf8JsonReader(json);
        _root = root;
        Name = "";
    }

    public PolicyFault? Fault { get; private set; }

    /// <summary>The member that the walk stands at.</summary>
    public string Name { get; private set; }

    private readonly string Path => _parent is null ? $"{_root}.{Name}" : $"{_root}.{_parent}.{Name}";

    /// <summary>Steps into the value itself. False: it is null, or a fault.</summary>
    public bool EnterRoot()
    {
        _reader.Read();
        if (_reader.TokenType is JsonTokenType.Null or JsonTokenType.StartObject)
        {
            return _reader.TokenType == JsonTokenType.StartObject;
        }

        Fault = new PolicyFault("invalid_type", $"Invalid type for '{_root}': expected an object.", _root);
        return false;
    }

    /// <summary>Steps into the member's value. False: it is null, or a fault.</summary>
    public bool EnterField()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            ExpectNull("an object");
            return false;
        }

        _parent = Name;
        return true;
    }

    /// <summary>Moves to the next member. False: the object has ended, or there is a fault.</summary>
    public bool Next()
    {
        if (Fault is not null)
        {
            return false;
        }

        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            _parent = null;
            return false;
        }

        Name = _reader.GetString()!;
        if (_seen.Add(Path))
        {
            return true;
        }

        Refuse("invalid_value", "is there twice.");
        return false;
    }

    public bool? Flag()
    {
        _reader.Read();
        if (_reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            return _reader.GetBoolean();
        }

        ExpectNull("a boolean");
        return null;
    }

    /// <summary>A list of provider ids; null when not set, which an empty list is too.</summary>
    public ImmutableArray<string>? Ids()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            ExpectNull("an array of strings");
            return null;
        }

        var ids = ImmutableArray.CreateBuilder<string>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var item = $"{Path}[{ids.Count}]";
            if (_reader.TokenType != JsonTokenType.String)
            {
                Fault = new PolicyFault("invalid_type", $"Invalid type for '{item}': expected a string.", item);
                return null;
            }

            if (ids.Count == MaxIds)
            {
                Refuse("invalid_value", $"must have at most {MaxIds} entries.");
                return null;
            }

            var id = _reader.GetString()!;
            if (id.Length is 0 or > MaxIdLength)
            {
                Fault = new PolicyFault("invalid_value", $"'{item}' must have 1 to {MaxIdLength} characters.", item);
                return null;
            }

            // What a catalog allows an id to be made of: anything else names no provider, and would be stored for nothing.
            if (id.AsSpan().ContainsAnyExcept(IdCharacters))
            {
                Fault = new PolicyFault("invalid_value", $"'{item}' may hold letters, digits, '-', '_' and '.'.", item);
                return null;
            }

            ids.Add(id);
        }

        return ids.Count == 0 ? null : ids.ToImmutable();
    }

    /// <summary>An amount of US dollars from 0, as a number or a numeric string; null when not set.</summary>
    public decimal? Amount()
    {
        _reader.Read();
        decimal amount;
        switch (_reader.TokenType)
        {
            case JsonTokenType.Number when _reader.TryGetDecimal(out amount) && amount >= 0:
            case JsonTokenType.String when decimal.TryParse(
                _reader.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out amount):
                return amount;
            case JsonTokenType.Number or JsonTokenType.String:
                Refuse("invalid_value", "must be an amount of at least 0, as a number or a numeric string.");
                return null;
            default:
                ExpectNull("a number or a numeric string");
                return null;
        }
    }

    /// <summary>Passes over the member's value if it is null or an empty list.</summary>
    public bool SkipIfNotSet()
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.Null
            || (_reader.TokenType == JsonTokenType.StartArray && _reader.Read() && _reader.TokenType == JsonTokenType.EndArray);
    }

    /// <summary>Says what is wrong with the member. A name too long to be one of ours is cut.</summary>
    public void Refuse(string code, string what)
    {
        if (Name.Length > MaxIdLength)
        {
            Name = Name[..MaxIdLength];
        }

        Fault ??= new PolicyFault(code, $"'{Path}' {what}", Path);
    }

    private void ExpectNull(string expected)
    {
        if (_reader.TokenType != JsonTokenType.Null)
        {
            Fault ??= new PolicyFault("invalid_type", $"Invalid type for '{Path}': expected {expected}.", Path);
        }
    }
}
