using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>What a line says, read and not yet judged.</summary>
internal struct RequestFields
{
    public JsonPart CustomId;
    public JsonPart Method;
    public JsonPart Url;
    public JsonPart Body;
    public JsonPart Model;
    public JsonPart Provider;

    /// <summary>The first name that no line has; empty: none.</summary>
    public LineSlice Unknown;

    /// <summary>Whether <see cref="Method"/> is POST.</summary>
    public bool IsPost;

    /// <summary>Whether <see cref="Url"/> is the batch's endpoint.</summary>
    public bool IsEndpoint;

    /// <summary>Whether the body asks for a stream.</summary>
    public bool IsStreaming;

    /// <summary>Whether the body has what no upstream sees.</summary>
    public bool MustStrip;

    /// <summary>Reads a line; what was read before a defect means nothing.</summary>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    public static RequestFields Read(ref StrictJsonReader reader, ReadOnlySpan<byte> endpoint, out bool isObject)
    {
        var fields = default(RequestFields);
        isObject = reader.ReadStart().Type == JsonTokenType.StartObject;
        while (isObject && reader.NextName())
        {
            if (reader.NameIs("custom_id"u8))
            {
                fields.CustomId = reader.ReadValue();
            }
            else if (reader.NameIs("method"u8))
            {
                fields.Method = reader.ReadValue();
                fields.IsPost = reader.ValueIs("POST"u8);
            }
            else if (reader.NameIs("url"u8))
            {
                fields.Url = reader.ReadValue();
                fields.IsEndpoint = reader.ValueIs(endpoint);
            }
            else if (reader.NameIs("body"u8))
            {
                fields.ReadBody(ref reader);
            }
            else
            {
                fields.Unknown = fields.Unknown.IsEmpty ? reader.Name : fields.Unknown;
                reader.ReadValue();
            }
        }

        reader.ReadEnd();
        return fields;
    }

    private void ReadBody(ref StrictJsonReader reader)
    {
        Body = reader.ReadStart();
        if (Body.Type != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.NextName())
        {
            if (reader.NameIs("model"u8))
            {
                Model = reader.ReadValue();
            }
            else if (reader.NameIs("stream"u8))
            {
                IsStreaming = reader.ReadValue().Type == JsonTokenType.True;
            }
            else if (reader.NameIsOurs())
            {
                MustStrip = true;
                var isProvider = reader.NameIs("provider"u8);
                var value = reader.ReadValue();
                Provider = isProvider ? value : Provider;
            }
            else
            {
                reader.ReadValue();
            }
        }

        Body = reader.Ended(Body);
    }
}
