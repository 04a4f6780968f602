using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>A JSON value: what it is and where.</summary>
internal readonly record struct JsonPart(JsonTokenType Type, LineSlice Slice)
{
    /// <summary>Whether there is no value, or null.</summary>
    public bool IsAbsent => Type is JsonTokenType.None or JsonTokenType.Null;
}

/// <summary>
/// Reads one line of JSON and sees to what <see cref="Utf8JsonReader"/> lets pass: names that an object has twice,
/// and halves of surrogate pairs. Stops at the first defect, since the reader throws when it compares a text that it
/// cannot unescape. The bytes must be valid UTF-8.
/// </summary>
internal ref struct StrictJsonReader
{
    private readonly ReadOnlySpan<byte> _line;
    private readonly DuplicateNames _names;
    private readonly int _number;
    private readonly int _maxDepth;
    private Utf8JsonReader _json;

    /// <summary>Starts before the first token.</summary>
    /// <param name="line">The line.</param>
    /// <param name="number">Its number, for the defect.</param>
    /// <param name="maxDepth">Nesting at most; the outermost value is level 1.</param>
    /// <param name="names">Working memory.</param>
    public StrictJsonReader(ReadOnlySpan<byte> line, int number, int maxDepth, DuplicateNames names)
    {
        names.Clear();
        _line = line;
        _names = names;
        _number = number;
        _maxDepth = maxDepth;

        // One level more than is allowed, so that we see the first that is too deep and can name it.
        _json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
    }

    /// <summary>What makes the line unacceptable as JSON; null: nothing so far.</summary>
    public LineFault? Defect { get; private set; }

    /// <summary>The current name's token.</summary>
    public readonly LineSlice Name => new((int)_json.TokenStartIndex, _json.ValueSpan.Length + 2);

    /// <summary>Whether the current name is this one.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> name) => _json.ValueTextEquals(name);

    /// <summary>Whether the current name is one that no upstream sees.</summary>
    public bool NameIsOurs() => RequestLineReader.IsOurs(ref _json);

    /// <summary>Whether the value that was just read is this string.</summary>
    public readonly bool ValueIs(ReadOnlySpan<byte> text) =>
        Defect is null && _json.TokenType == JsonTokenType.String && _json.ValueTextEquals(text);

    /// <summary>Moves to a value. An object is entered, and to be read name by name; any other value is read whole.</summary>
    public JsonPart ReadStart()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return ReadRest();
        }

        Look();
        return new JsonPart(JsonTokenType.StartObject, new LineSlice((int)_json.TokenStartIndex, 1));
    }

    /// <summary>Moves to the next name of the current object; false at the object's end, and after a defect.</summary>
    public bool NextName()
    {
        if (Defect is not null)
        {
            return false;
        }

        _json.Read();
        Look();
        return _json.TokenType == JsonTokenType.PropertyName && Defect is null;
    }

    /// <summary>The object that <paramref name="start"/> began, at whose end the reader stands.</summary>
    public readonly JsonPart Ended(JsonPart start) =>
        start with { Slice = start.Slice with { Length = (int)_json.BytesConsumed - start.Slice.Offset } };

    /// <summary>Reads the value of the current name.</summary>
    public JsonPart ReadValue()
    {
        _json.Read();
        return ReadRest();
    }

    /// <summary>Sees that nothing follows.</summary>
    public void ReadEnd()
    {
        if (Defect is null)
        {
            _json.Read();
        }
    }

    private JsonPart ReadRest()
    {
        var type = _json.TokenType;
        var start = (int)_json.TokenStartIndex;
        var depth = _json.CurrentDepth;
        Look();

        // A start and its end stand on the same depth.
        while (Defect is null && (_json.CurrentDepth > depth || _json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            _json.Read();
            Look();
        }

        return new JsonPart(type, new LineSlice(start, (int)_json.BytesConsumed - start));
    }

    private void Look()
    {
        switch (_json.TokenType)
        {
            case JsonTokenType.StartObject:
                LookAtDepth();
                _names.Enter();
                break;
            case JsonTokenType.StartArray:
                LookAtDepth();
                break;
            case JsonTokenType.EndObject:
                LookAtNames();
                break;
            case JsonTokenType.PropertyName:
                LookAtEscapes();
                KeepName();
                break;
            case JsonTokenType.String:
                LookAtEscapes();
                break;
        }
    }

    private void LookAtDepth()
    {
        // The reader counts the levels around a token.
        if (_json.CurrentDepth >= _maxDepth)
        {
            Defect ??= LineFaults.TooDeep(_number, _maxDepth);
        }
    }

    private void LookAtEscapes()
    {
        if (_json.ValueIsEscaped && JsonText.HasLoneSurrogate(_json.ValueSpan))
        {
            Defect ??= LineFaults.LoneSurrogate(_number);
        }
    }

    private readonly void KeepName()
    {
        if (Defect is null)
        {
            _names.Add(_line, new LineSlice((int)_json.TokenStartIndex + 1, _json.ValueSpan.Length), _json.ValueIsEscaped);
        }
    }

    private void LookAtNames()
    {
        var twice = _names.Leave(_line);
        if (!twice.IsEmpty)
        {
            Defect ??= LineFaults.DuplicateKey(_number, twice.Of(_line)[1..^1]);
        }
    }
}
