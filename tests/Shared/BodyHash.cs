using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>Names a request body, so that an answer that lands on the wrong row is seen.</summary>
/// <param name="body">The whole body.</param>
/// <returns>64 bits; written as 16 lower-case hex digits.</returns>
public delegate ulong BodyHash(ReadOnlySpan<byte> body);

/// <summary>The two ways to name a body. Upstream and oracle must use the same one.</summary>
public static class BodyHashes
{
    /// <summary>Over the bytes as they are: any change on the way is seen. For offers that keep the model's name.</summary>
    public static readonly BodyHash Raw = body => XxHash64.HashToUInt64(body);

    /// <summary>
    /// Over all members but those that the engine rewrites or strips (<c>model</c>, <c>provider</c>, <c>debug</c>,
    /// <c>session_id</c>). For offers that know the model under another name.
    /// </summary>
    public static readonly BodyHash Kept = HashKept;

    /// <summary>The text form.</summary>
    public static string ToText(ulong hash) => hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private static ulong HashKept(ReadOnlySpan<byte> body)
    {
        var hash = new XxHash64();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (name is "model" or "provider" or "debug" or "session_id")
            {
                continue;
            }

            hash.Append(Encoding.UTF8.GetBytes(name));
            hash.Append(body[start..(int)reader.BytesConsumed]);
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
