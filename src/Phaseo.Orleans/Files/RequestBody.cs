using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>Makes what an upstream sees out of what a row says.</summary>
internal static class RequestBody
{
    /// <summary>A model's name as a JSON token, to be made once for each offer.</summary>
    public static byte[] ModelToken(string upstreamModel) =>
        [(byte)'"', .. JsonEncodedText.Encode(upstreamModel, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    /// <summary>
    /// The row's body with the upstream's name for the model, and without <c>provider</c>, <c>debug</c> and
    /// <c>session_id</c>. Every other byte is the client's: numbers keep their digits and members their order.
    /// </summary>
    /// <param name="line">The request line.</param>
    /// <param name="row">Its parts.</param>
    /// <param name="upstreamModelToken">The upstream's name (<see cref="ModelToken"/>).</param>
    /// <param name="scratch">Where a changed body is put. The result lives as long as the writer keeps it.</param>
    /// <returns>The body inside <paramref name="line"/> when nothing changes; else a part of <paramref name="scratch"/>.</returns>
    public static ReadOnlyMemory<byte> ForUpstream(
        ReadOnlyMemory<byte> line, in RequestLine row, ReadOnlySpan<byte> upstreamModelToken, IBufferWriter<byte> scratch)
    {
        var body = row.Body.Of(line);
        if (!row.MustStrip && row.Model.Of(line.Span).SequenceEqual(upstreamModelToken))
        {
            return body;
        }

        var model = row.Model with { Offset = row.Model.Offset - row.Body.Offset };
        var room = scratch.GetMemory(body.Length - model.Length + upstreamModelToken.Length);
        var written = row.MustStrip
            ? Strip(body.Span, model, upstreamModelToken, room.Span)
            : Replace(body.Span, model, upstreamModelToken, room.Span);
        scratch.Advance(written);
        return room[..written];
    }

    private static int Replace(ReadOnlySpan<byte> body, LineSlice model, ReadOnlySpan<byte> token, Span<byte> output)
    {
        var rest = body[(model.Offset + model.Length)..];
        body[..model.Offset].CopyTo(output);
        token.CopyTo(output[model.Offset..]);
        rest.CopyTo(output[(model.Offset + token.Length)..]);
        return model.Offset + token.Length + rest.Length;
    }

    // A member that stays brings along what stands between it and the member before it: the comma and white space.
    // The first that stays brings nothing, because the opening is written with it.
    private static int Strip(ReadOnlySpan<byte> body, LineSlice model, ReadOnlySpan<byte> token, Span<byte> output)
    {
        var reader = new Utf8JsonReader(body, RequestLineReader.Options);
        var written = 0;
        var opening = 0;
        var previousEnd = 0;
        var isFirst = true;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            opening = opening == 0 ? name : opening;
            var isOurs = RequestLineReader.IsOurs(ref reader);
            var value = RequestLineReader.SkipValue(ref reader);
            var end = value.Offset + value.Length;
            if (!isOurs)
            {
                written += Put(isFirst ? body[..opening] : body[previousEnd..name], output[written..]);
                written += Put(body[name..value.Offset], output[written..]);
                written += Put(value == model ? token : body[value.Offset..end], output[written..]);
                isFirst = false;
            }

            previousEnd = end;
        }

        return written + Put(body[previousEnd..], output[written..]);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> output)
    {
        bytes.CopyTo(output);
        return bytes.Length;
    }
}
