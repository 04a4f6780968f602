using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>Finds the parts of a request line that validation has let through.</summary>
internal static class RequestLineReader
{
    // Validation has bounded the depth, by an option; here nothing is left to bound.
    internal static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>The parts, found in one pass; nothing is copied or allocated.</summary>
    /// <param name="line">A line as <see cref="ShardRow.Bytes"/> gives it.</param>
    /// <exception cref="InvalidDataException">This is not a validated line.</exception>
    public static RequestLine Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        var customId = default(LineSlice);
        var found = default(RequestLine);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("custom_id"u8))
            {
                customId = SkipValue(ref reader);
            }
            else if (reader.ValueTextEquals("body"u8))
            {
                found = ReadBody(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return customId.IsEmpty || found.Model.IsEmpty
            ? throw new InvalidDataException("The line has no custom_id or no model: it was never validated.")
            : found with { CustomId = customId };
    }

    /// <summary>Whether the property the reader stands on is for us and not for the upstream.</summary>
    internal static bool IsOurs(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("provider"u8) || reader.ValueTextEquals("debug"u8) || reader.ValueTextEquals("session_id"u8);

    /// <summary>Moves from a property's name to the end of its value, and says where the value is.</summary>
    internal static LineSlice SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new LineSlice(start, (int)reader.BytesConsumed - start);
    }

    private static RequestLine ReadBody(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        var found = default(RequestLine);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("model"u8))
            {
                found = found with { Model = SkipValue(ref reader) };
            }
            else if (IsOurs(ref reader))
            {
                var isProvider = reader.ValueTextEquals("provider"u8);
                var value = SkipValue(ref reader);
                found = isProvider && reader.TokenType != JsonTokenType.Null
                    ? found with { Provider = value, MustStrip = true }
                    : found with { MustStrip = true };
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return found with { Body = new LineSlice(start, (int)reader.BytesConsumed - start) };
    }
}
