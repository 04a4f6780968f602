using Spectre.Console;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Columns of text: wrapped to the width of a terminal, and one line a row everywhere else.</summary>
internal static class TextTable
{
    /// <summary>Writes a heading and rows of as many cells.</summary>
    public static void Write(TextWriter writer, bool isTerminal, string[] heading, IReadOnlyList<string[]> rows)
    {
        if (isTerminal)
        {
            WriteForPeople(writer, heading, rows);
        }
        else
        {
            WritePlain(writer, heading, rows);
        }
    }

    private static void WriteForPeople(TextWriter writer, string[] heading, IReadOnlyList<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var name in heading)
        {
            table.AddColumn(new TableColumn(new Text(name, new Style(decoration: Decoration.Bold))));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        Terminal.Open(writer).Write(table);
    }

    private static void WritePlain(TextWriter writer, string[] heading, IReadOnlyList<string[]> rows)
    {
        string[][] all = [heading, .. rows];
        var widths = heading.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
