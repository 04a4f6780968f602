using System.Text.Json;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>What the shape of an answer depends on.</summary>
/// <param name="Inputs">Texts or token lists in <c>input</c>; 1 if it is no list of them.</param>
/// <param name="Choices"><c>n</c>, from 1 to 128; 1 if it is not there.</param>
/// <param name="Dimensions"><c>dimensions</c>, from 1 to 4,096; 16 if it is not there.</param>
/// <param name="AsBase64">Whether <c>encoding_format</c> is <c>base64</c>.</param>
internal readonly record struct SimulatedRequest(int Inputs, int Choices, int Dimensions, bool AsBase64)
{
    private const int MaxInputs = 2_048;

    /// <summary>Reads a body; one that is not a JSON object has all the defaults.</summary>
    public static SimulatedRequest Read(ReadOnlySpan<byte> body)
    {
        var asked = new SimulatedRequest(1, 1, 16, false);
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return asked;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("input"u8))
                {
                    reader.Read();
                    asked = asked with { Inputs = CountInputs(ref reader) };
                }
                else if (reader.ValueTextEquals("n"u8))
                {
                    reader.Read();
                    asked = asked with { Choices = ReadNumber(ref reader, 1, 128) };
                }
                else if (reader.ValueTextEquals("dimensions"u8))
                {
                    reader.Read();
                    asked = asked with { Dimensions = ReadNumber(ref reader, 16, 4_096) };
                }
                else if (reader.ValueTextEquals("encoding_format"u8))
                {
                    reader.Read();
                    asked = asked with { AsBase64 = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("base64"u8) };
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return new SimulatedRequest(1, 1, 16, false);
        }

        return asked;
    }

    // A list of numbers is one input, already made into tokens. The reader ends on the value's last token.
    private static int CountInputs(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return 1;
        }

        var inputs = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            inputs += reader.TokenType == JsonTokenType.Number ? 0 : 1;
            reader.Skip();
        }

        return Math.Clamp(inputs, 1, MaxInputs);
    }

    private static int ReadNumber(ref Utf8JsonReader reader, int otherwise, int most) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number >= 1
            ? Math.Min(number, most)
            : otherwise;
}
