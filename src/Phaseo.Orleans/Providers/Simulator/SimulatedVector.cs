using System.Buffers.Binary;
using System.Text.Json;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>Writes the <c>embedding</c> of one input: a vector of length 1 that depends on body and index alone.</summary>
internal static class SimulatedVector
{
    /// <summary>As numbers, or as base64 of little-endian 32-bit floats, as the request asks.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> hash, int index, SimulatedRequest asked)
    {
        var vector = new float[asked.Dimensions];
        Fill(vector, hash, index);
        if (asked.AsBase64)
        {
            var bytes = new byte[vector.Length * sizeof(float)];
            for (var i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            writer.WriteBase64String("embedding"u8, bytes);
            return;
        }

        writer.WriteStartArray("embedding"u8);
        foreach (var number in vector)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void Fill(Span<float> vector, ReadOnlySpan<byte> hash, int index)
    {
        var sum = 0.0;
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = ((hash[(i + index) % hash.Length] * 31) + (i * 17) + index) % 255 / 127f - 1f;
            sum += vector[i] * vector[i];
        }

        var length = (float)Math.Sqrt(sum);
        foreach (ref var number in vector)
        {
            number = length == 0 ? 0 : number / length;
        }
    }
}
