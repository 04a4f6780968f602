using System.Text.Json;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// Collects the meters of one answer while it is scanned. Field names are OpenAI's (platform.openai.com/docs/api-reference:
/// chat <c>CompletionUsage</c>, responses <c>ResponseUsage</c>, embeddings, images <c>ImageGenUsage</c>) and Anthropic's
/// (docs.anthropic.com, Messages <c>Usage</c>). Compatible servers mix the first two, so both spellings are read everywhere.
/// </summary>
internal struct UsageReader(string endpoint)
{
    // No call uses as much, and the sum over a million rows still fits: a larger number is a fault, not a reading.
    private const long MaxReading = 1_000_000_000_000;

    private long? _input;
    private long? _output;
    private long _cached;
    private long _cacheWrite;
    private long _reasoning;
    private long? _images;
    private bool _isAbsurd;

    /// <summary>Looks at a property of the answer; the reader stands on its name.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        if (endpoint is null)
        {
            return;
        }

        if (reader.ValueTextEquals("usage"u8))
        {
            ReadUsage(ref reader);
        }
        else if (endpoint == Endpoints.Images && reader.ValueTextEquals("data"u8))
        {
            CountImages(ref reader);
        }
    }

    /// <summary>
    /// The meters. Null when the answer names none, or when a number in it is negative, not a whole number or
    /// beyond all reason. A part above its total counts as the total.
    /// </summary>
    public readonly Meters? ToMeters()
    {
        if (_isAbsurd || (_input is null && _output is null && _images is null))
        {
            return null;
        }

        // Anthropic counts what the cache served or took apart from input_tokens; OpenAI within it.
        var input = endpoint == Endpoints.Messages ? (_input ?? 0) + _cached + _cacheWrite : _input ?? 0;
        var output = _output ?? 0;
        var cached = Math.Min(_cached, input);
        return new Meters
        {
            InputTokens = input,
            CachedInputTokens = cached,
            CacheWriteInputTokens = Math.Min(_cacheWrite, input - cached),
            OutputTokens = output,
            ReasoningTokens = Math.Min(_reasoning, output),
            Images = _images ?? 0,
            Requests = 1,
        };
    }

    // A repeated property wins over the one before it, as in every JSON document model.
    private void ReadUsage(ref Utf8JsonReader reader)
    {
        _input = _output = null;
        _cached = _cacheWrite = _reasoning = 0;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8))
            {
                _input = ReadNumber(ref reader) ?? _input;
            }
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8))
            {
                _output = ReadNumber(ref reader) ?? _output;
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                _cached = ReadNumber(ref reader) ?? 0;
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                _cacheWrite = ReadNumber(ref reader) ?? 0;
            }
            else if (IsDetails(ref reader))
            {
                ReadDetails(ref reader);
            }
            else if (!SkipValue(ref reader))
            {
                return;
            }
        }
    }

    private static bool IsDetails(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("prompt_tokens_details"u8)
        || reader.ValueTextEquals("input_tokens_details"u8)
        || reader.ValueTextEquals("completion_tokens_details"u8)
        || reader.ValueTextEquals("output_tokens_details"u8);

    private void ReadDetails(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                _cached = ReadNumber(ref reader) ?? 0;
            }
            else if (reader.ValueTextEquals("cache_write_tokens"u8))
            {
                _cacheWrite = ReadNumber(ref reader) ?? 0;
            }
            else if (reader.ValueTextEquals("reasoning_tokens"u8))
            {
                _reasoning = ReadNumber(ref reader) ?? 0;
            }
            else if (!SkipValue(ref reader))
            {
                return;
            }
        }
    }

    // null: JSON's null, which compatible servers write for "not counted".
    private long? ReadNumber(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number is >= 0 and <= MaxReading)
        {
            return number;
        }

        _isAbsurd = true;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            SkipRest(ref reader);
        }

        return null;
    }

    private void CountImages(ref Utf8JsonReader reader)
    {
        _images = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        var images = 0L;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            images++;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && !SkipRest(ref reader))
            {
                return;
            }
        }

        _images = images;
    }

    // False: the bytes ended within the value.
    private static bool SkipValue(ref Utf8JsonReader reader) =>
        reader.Read() && (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || SkipRest(ref reader));

    private static bool SkipRest(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read())
        {
            if (reader.CurrentDepth == depth && reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                return true;
            }
        }

        return false;
    }
}
