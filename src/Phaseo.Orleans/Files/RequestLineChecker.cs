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
    public const int MaxCustomIdToken = (LineFaults.MaxCustomIdBytes * 6) + 2;

    private readonly byte[] _endpoint = Encoding.UTF8.GetBytes(endpoint);
    private readonly byte[] _scratch = new byte[MaxCustomIdToken];
    private readonly DuplicateNames _names = new();

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

        if (Read(line, number, out var fields) is { } defect)
        {
            faults.Add(defect);
            return default;
        }

        if (!fields.Unknown.IsEmpty)
        {
            faults.Add(LineFaults.UnknownParameter(number, fields.Unknown.Of(line)[1..^1]));
        }

        var customId = JudgeCustomId(line, number, fields.CustomId);
        JudgeTarget(number, fields);
        return JudgeBody(number, fields) with { CustomId = customId };
    }

    private LineFault? Read(ReadOnlySpan<byte> line, int number, out RequestFields fields)
    {
        var reader = new StrictJsonReader(line, number, maxDepth, _names);
        fields = default;
        try
        {
            fields = RequestFields.Read(ref reader, _endpoint, out var isObject);
            return reader.Defect ?? (isObject ? null : LineFaults.NotAnObject(number));
        }
        catch (JsonException e)
        {
            return reader.Defect ?? LineFaults.NotJson(number, e.BytePositionInLine);
        }
    }

    private LineSlice JudgeCustomId(ReadOnlySpan<byte> line, int number, JsonPart part)
    {
        if (part.IsAbsent)
        {
            faults.Add(LineFaults.Missing(number, "custom_id"));
            return default;
        }

        var isGood = part.Type == JsonTokenType.String && part.Slice.Length <= _scratch.Length
            && JsonText.Unescape(part.Slice.Of(line), _scratch).Length is > 0 and <= LineFaults.MaxCustomIdBytes;
        if (!isGood)
        {
            faults.Add(LineFaults.InvalidCustomId(number));
            return default;
        }

        return part.Slice;
    }

    private void JudgeTarget(int number, in RequestFields fields)
    {
        if (fields.Method.IsAbsent)
        {
            faults.Add(LineFaults.Missing(number, "method"));
        }
        else if (!fields.IsPost)
        {
            faults.Add(LineFaults.InvalidMethod(number));
        }

        if (!fields.Url.IsAbsent && !fields.IsEndpoint)
        {
            faults.Add(LineFaults.UrlMismatch(number, endpoint));
        }
    }

    private RequestLine JudgeBody(int number, in RequestFields fields)
    {
        if (fields.Body.Type != JsonTokenType.StartObject)
        {
            faults.Add(fields.Body.IsAbsent ? LineFaults.Missing(number, "body") : LineFaults.BodyNotAnObject(number));
            return default;
        }

        if (fields.IsStreaming)
        {
            faults.Add(LineFaults.StreamingNotSupported(number));
        }

        var row = new RequestLine(default, fields.Body.Slice, default, default, fields.MustStrip);
        if (FaultOfModel(number, fields.Model) is { } fault)
        {
            faults.Add(fault);
            return row;
        }

        return row with { Model = fields.Model.Slice, Provider = fields.Provider.IsAbsent ? default : fields.Provider.Slice };
    }

    private static LineFault? FaultOfModel(int number, JsonPart model)
    {
        if (model.IsAbsent)
        {
            return LineFaults.Missing(number, "body.model");
        }

        // Two bytes are the quotes.
        return model.Type != JsonTokenType.String || model.Slice.Length <= 2 ? LineFaults.InvalidModel(number)
            : model.Slice.Length > LineFaults.MaxModelToken ? LineFaults.ModelTooLong(number)
            : null;
    }
}
