using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Phaseo.Orleans.Files;

/// <summary>
/// Reads one line of an input file after the other and tells everything that is wrong with it, apart from what only
/// other lines or the catalog can say. Not thread-safe.
/// </summary>
/// <param name="endpoint">What a line's <c>url</c> must be, if it has one.</param>
/// <param name="maxDepth">Nesting at most; the line's own object is level 1.</param>
/// <param name="faults">Where faults go.</param>
internal sealed class RequestLineChecker(string endpoint, int maxDepth, FaultList faults)
{
    /// <summary>Bytes of a <c>custom_id</c> token at most: a byte of text takes six when it is escaped, like \u0041.</summary>
    public const int MaxCustomIdToken = LineFaults.MaxCustomIdBytes * 6 + 2;

    // One level more than is allowed, so that we see the first that is too deep and can name it.
    private readonly JsonReaderOptions _options = new() { MaxDepth = maxDepth + 1 };
    private readonly byte[] _endpoint = Encoding.UTF8.GetBytes(endpoint);
    private readonly byte[] _scratch = new byte[MaxCustomIdToken];
    private readonly DuplicateNames _names = new();
    private LineFault? _defect;
    private int _number;

    /// <summary>Checks a line that is not blank.</summary>
    /// <param name="line">Its content.</param>
    /// <param name="number">Its number, for faults.</param>
    /// <returns>The parts of it that are good; the others, and all parts of a line that is no JSON, are empty.</returns>
    public RequestLine Check(ReadOnlySpan<byte> line, int number)
    {
        if (!Utf8.IsValid(line))
        {
            faults.Add(LineFaults.InvalidUtf8(number));
            return default;
        }

        _number = number;
        _defect = null;
        _names.Clear();
        var found = default(Found);
        try
        {
            var reader = new Utf8JsonReader(line, _options);
            ReadLine(ref reader, line, ref found);
        }
        catch (JsonException e)
        {
            _defect ??= LineFaults.NotJson(number, e.BytePositionInLine);
        }

        if (_defect is not null)
        {
            faults.Add(_defect);
            return default;
        }

        return Judge(line, found);
    }

    private void ReadLine(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref Found found)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _defect = LineFaults.InvalidJson(_number, "A line must be a JSON object.");
            return;
        }

        _names.Enter();
        while (NextName(ref reader, line))
        {
            if (reader.ValueTextEquals("custom_id"u8))
            {
                found.CustomId = ReadValue(ref reader, line);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                found.Method = ReadValue(ref reader, line);
                found.IsPost = IsText(ref reader, "POST"u8);
            }
            else if (reader.ValueTextEquals("url"u8))
            {
                found.Url = ReadValue(ref reader, line);
                found.IsEndpoint = IsText(ref reader, _endpoint);
            }
            else if (reader.ValueTextEquals("body"u8))
            {
                ReadBody(ref reader, line, ref found);
            }
            else
            {
                found.Unknown = found.Unknown.IsEmpty ? Token(ref reader) : found.Unknown;
                ReadValue(ref reader, line);
            }
        }

        LeaveObject(line);
        if (_defect is null)
        {
            reader.Read(); // Throws if anything follows.
        }
    }

    private void ReadBody(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, ref Found found)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        found.Body = new Part(reader.TokenType, default);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            WalkValue(ref reader, line);
            return;
        }

        _names.Enter();
        while (NextName(ref reader, line))
        {
            if (reader.ValueTextEquals("model"u8))
            {
                found.Model = ReadValue(ref reader, line);
            }
            else if (reader.ValueTextEquals("stream"u8))
            {
                found.IsStreaming = ReadValue(ref reader, line).Type == JsonTokenType.True;
            }
            else if (RequestLineReader.IsOurs(ref reader))
            {
                found.MustStrip = true;
                var isProvider = reader.ValueTextEquals("provider"u8);
                var value = ReadValue(ref reader, line);
                found.Provider = isProvider ? value : found.Provider;
            }
            else
            {
                ReadValue(ref reader, line);
            }
        }

        LeaveObject(line);
        found.Body = new Part(JsonTokenType.StartObject, new LineSlice(start, (int)reader.BytesConsumed - start));
    }

    private RequestLine Judge(ReadOnlySpan<byte> line, in Found found)
    {
        if (!found.Unknown.IsEmpty)
        {
            faults.Add(LineFaults.UnknownParameter(_number, found.Unknown.Of(line)[1..^1]));
        }

        var row = default(RequestLine) with { MustStrip = found.MustStrip };
        if (found.CustomId.IsAbsent)
        {
            faults.Add(LineFaults.Missing(_number, "custom_id"));
        }
        else if (IsCustomId(line, found.CustomId))
        {
            row = row with { CustomId = found.CustomId.Slice };
        }
        else
        {
            faults.Add(LineFaults.InvalidCustomId(_number));
        }

        if (found.Method.IsAbsent)
        {
            faults.Add(LineFaults.Missing(_number, "method"));
        }
        else if (!found.IsPost)
        {
            faults.Add(LineFaults.InvalidMethod(_number));
        }

        if (!found.Url.IsAbsent && !found.IsEndpoint)
        {
            faults.Add(LineFaults.UrlMismatch(_number, endpoint));
        }

        return JudgeBody(found, row);
    }

    private RequestLine JudgeBody(in Found found, RequestLine row)
    {
        if (found.Body.IsAbsent)
        {
            faults.Add(LineFaults.Missing(_number, "body"));
            return row;
        }

        if (found.Body.Type != JsonTokenType.StartObject)
        {
            faults.Add(LineFaults.InvalidJson(_number, "The field body must be an object.", "body"));
            return row;
        }

        row = row with { Body = found.Body.Slice };
        if (found.IsStreaming)
        {
            faults.Add(LineFaults.StreamingNotSupported(_number));
        }

        if (found.Model.IsAbsent)
        {
            faults.Add(LineFaults.Missing(_number, "body.model"));
        }
        else if (found.Model.Type != JsonTokenType.String || found.Model.Slice.Length <= 2)
        {
            faults.Add(LineFaults.InvalidJson(_number, "The field body.model must be a string that is not empty.", "body.model"));
        }
        else if (found.Model.Slice.Length > LineFaults.MaxModelToken)
        {
            faults.Add(LineFaults.ModelTooLong(_number));
        }
        else
        {
            row = row with { Model = found.Model.Slice, Provider = found.Provider.IsAbsent ? default : found.Provider.Slice };
        }

        return row;
    }

    private bool IsCustomId(ReadOnlySpan<byte> line, in Part part) =>
        part.Type == JsonTokenType.String && part.Slice.Length <= _scratch.Length
            && JsonText.Unescape(part.Slice.Of(line), _scratch).Length is > 0 and <= LineFaults.MaxCustomIdBytes;

    // The reader throws when it compares a text that it cannot unescape, so nothing is read on after a defect.
    private bool IsText(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        _defect is null && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text);

    /// <summary>Moves to the next name of the current object; false at its end, and after a defect.</summary>
    private bool NextName(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        if (_defect is not null || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        AddName(ref reader, line);
        return _defect is null;
    }

    /// <summary>Moves from a name to the end of its value, looking at everything in it.</summary>
    private Part ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        reader.Read();
        var type = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        WalkValue(ref reader, line);
        return new Part(type, new LineSlice(start, (int)reader.BytesConsumed - start));
    }

    private void WalkValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var depth = reader.CurrentDepth;
        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    CheckDepth(ref reader);
                    _names.Enter();
                    break;
                case JsonTokenType.StartArray:
                    CheckDepth(ref reader);
                    break;
                case JsonTokenType.EndObject:
                    LeaveObject(line);
                    break;
                case JsonTokenType.PropertyName:
                    AddName(ref reader, line);
                    break;
                case JsonTokenType.String:
                    CheckEscapes(ref reader);
                    break;
            }

            // A start and its end stand on the same depth.
            var isInside = reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (!isInside || _defect is not null)
            {
                return;
            }

            reader.Read();
        }
    }

    private void AddName(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        CheckEscapes(ref reader);
        if (_defect is null)
        {
            var token = Token(ref reader);
            _names.Add(line, new LineSlice(token.Offset + 1, token.Length - 2), reader.ValueIsEscaped);
        }
    }

    private void LeaveObject(ReadOnlySpan<byte> line)
    {
        var twice = _names.Leave(line);
        if (!twice.IsEmpty)
        {
            _defect ??= LineFaults.DuplicateKey(_number, twice.Of(line)[1..^1]);
        }
    }

    private void CheckDepth(ref Utf8JsonReader reader)
    {
        // The reader counts the levels around a token.
        if (reader.CurrentDepth >= maxDepth)
        {
            _defect ??= LineFaults.TooDeep(_number, maxDepth);
        }
    }

    private void CheckEscapes(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped && JsonText.HasLoneSurrogate(reader.ValueSpan))
        {
            _defect ??= LineFaults.LoneSurrogate(_number);
        }
    }

    private static LineSlice Token(ref Utf8JsonReader reader) =>
        new((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);

    /// <summary>A value: what it is and where.</summary>
    private readonly record struct Part(JsonTokenType Type, LineSlice Slice)
    {
        public bool IsAbsent => Type is JsonTokenType.None or JsonTokenType.Null;
    }

    private struct Found
    {
        public Part CustomId;
        public Part Method;
        public Part Url;
        public Part Body;
        public Part Model;
        public Part Provider;
        public LineSlice Unknown;
        public bool IsPost;
        public bool IsEndpoint;
        public bool IsStreaming;
        public bool MustStrip;
    }
}
