namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Reads a table that stands in a raw string: columns are parted by two spaces or more.</summary>
internal static class TextTable
{
    /// <summary>One theory case a cell: row head, column head, cell.</summary>
    public static TheoryData<string, string, string> Cells(string table)
    {
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Columns).ToArray();
        var heads = lines[0];
        var cells = new TheoryData<string, string, string>();
        foreach (var line in lines.Skip(1))
        {
            Assert.Equal(heads.Length, line.Length);
            for (var column = 1; column < heads.Length; column++)
            {
                cells.Add(line[0], heads[column], line[column]);
            }
        }

        return cells;
    }

    private static string[] Columns(string line) =>
        line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
