using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Billing;

/// <summary>
/// Writes readings as an array by the meters' numbers, from 1, without the zeros at its end. A batch's state holds
/// some thirty of them; with names they alone would be 6 KB of its 60.
/// </summary>
internal sealed class MetersConverter : JsonConverter<Meters>
{
    public override Meters Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var meters = new Meters();
        for (var meter = Meter.InputTokens; reader.Read() && reader.TokenType != JsonTokenType.EndArray; meter++)
        {
            // What a later build counts beyond these is not ours to know.
            meters = meter <= Meter.Requests ? meters.With(meter, reader.GetInt64()) : meters;
        }

        return meters;
    }

    public override void Write(Utf8JsonWriter writer, Meters value, JsonSerializerOptions options)
    {
        var last = Meter.Requests;
        while (last >= Meter.InputTokens && value[last] == 0)
        {
            last--;
        }

        writer.WriteStartArray();
        for (var meter = Meter.InputTokens; meter <= last; meter++)
        {
            writer.WriteNumberValue(value[meter]);
        }

        writer.WriteEndArray();
    }
}
