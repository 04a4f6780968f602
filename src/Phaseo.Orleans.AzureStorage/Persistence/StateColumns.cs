using System.Text;
using Azure.Data.Tables;

namespace Orleans.Storage;

/// <summary>
/// How a state lies in a row: cut into at most 15 columns, as a column can have 64 KiB. Bytes are in <c>Data</c>,
/// <c>Data1</c> to <c>Data14</c>; text in <c>StringData</c>, <c>StringData1</c> and so on.
/// </summary>
internal static class StateColumns
{
    public const int MaxColumns = 15;

    /// <summary>Bytes of a column.</summary>
    public const int BytesPerColumn = 64 * 1024;

    /// <summary>UTF-16 units of a column, as the service counts text.</summary>
    public const int CharsPerColumn = 32 * 1024;

    public const string Bytes = "Data";

    public const string Text = "StringData";

    /// <summary>Adds the columns. No bytes, no column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The state is larger than a row can be.</exception>
    public static void Write(TableEntity row, BinaryData state, bool asText)
    {
        var bytes = state.ToMemory();
        if (bytes.Length > MaxColumns * BytesPerColumn)
        {
            throw new ArgumentOutOfRangeException(
                nameof(state), bytes.Length, $"A state in Azure Tables can have {MaxColumns * BytesPerColumn} bytes.");
        }

        if (asText)
        {
            WriteText(row, Encoding.UTF8.GetString(bytes.Span));
            return;
        }

        for (var column = 0; column * BytesPerColumn < bytes.Length; column++)
        {
            var start = column * BytesPerColumn;
            row[Name(Bytes, column)] = bytes.Slice(start, Math.Min(BytesPerColumn, bytes.Length - start)).ToArray();
        }
    }

    /// <summary>What the columns hold, in whichever form; null if there are none, as in the row of a cleared state.</summary>
    public static BinaryData? Read(TableEntity row)
    {
        if (ReadBytes(row) is { Length: > 0 } bytes)
        {
            return new BinaryData(bytes);
        }

        var text = string.Concat(Values(row, Text).Select(value => value as string));
        return text.Length > 0 ? new BinaryData(text) : null;
    }

    private static void WriteText(TableEntity row, string text)
    {
        var start = 0;
        for (var column = 0; start < text.Length; column++)
        {
            if (column == MaxColumns)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(text), text.Length, $"A state in Azure Tables can have {start} characters in text form.");
            }

            var length = Math.Min(CharsPerColumn, text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
            {
                length--; // Half a pair is not text: on its way it would become another character.
            }

            row[Name(Text, column)] = text.Substring(start, length);
            start += length;
        }
    }

    private static byte[] ReadBytes(TableEntity row)
    {
        using var bytes = new MemoryStream();
        foreach (var value in Values(row, Bytes))
        {
            // Some tools copy binary columns as base64.
            bytes.Write(value as byte[] ?? (value as BinaryData)?.ToArray() ?? Convert.FromBase64String((string)value));
        }

        return bytes.ToArray();
    }

    private static IEnumerable<object> Values(TableEntity row, string name)
    {
        for (var column = 0; column < MaxColumns && row.TryGetValue(Name(name, column), out var value) && value is not null; column++)
        {
            yield return value;
        }
    }

    private static string Name(string name, int column) => column == 0 ? name : FormattableString.Invariant($"{name}{column}");
}
