using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>An input file as the oracle sees it: read without any code of the product.</summary>
internal sealed class InputRows
{
    private static readonly byte[] Bom = [0xef, 0xbb, 0xbf];

    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly List<ulong> _bodies = [];

    public int Count => _bodies.Count;

    /// <summary>The row with this <c>custom_id</c>, counted from 0; -1: there is none.</summary>
    public int Find(string customId) => _rows.GetValueOrDefault(customId, -1);

    /// <summary>The hash of a row's body.</summary>
    public ulong Body(int row) => _bodies[row];

    public static InputRows Read(string path, BodyHash hash)
    {
        var rows = new InputRows();
        foreach (var line in JsonLines.Read(path))
        {
            var text = line.Span.StartsWith(Bom) ? line[Bom.Length..] : line;
            if (text.Span.Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            rows.Add(text.Span, hash);
        }

        return rows;
    }

    private void Add(ReadOnlySpan<byte> line, BodyHash hash)
    {
        var reader = new Utf8JsonReader(line);
        string? customId = null;
        ulong body = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (name == "custom_id")
            {
                customId = reader.GetString();
            }

            reader.Skip();
            if (name == "body")
            {
                body = hash(line[start..(int)reader.BytesConsumed]);
            }
        }

        _rows.Add(customId ?? throw new InvalidDataException("A row of the input has no custom_id."), _bodies.Count);
        _bodies.Add(body);
    }
}
