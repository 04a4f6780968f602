using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Whether a measured run did the work: a fast wrong answer is no result.</summary>
internal static class EchoCheck
{
    /// <exception cref="InvalidDataException">
    /// A row has no line, or two, or the answer to another body; or <paramref name="ordered"/> lines are not in order.
    /// </exception>
    public static void Run(string inputPath, string outputPath, bool ordered)
    {
        var rows = InputRows.Read(inputPath, BodyHashes.Raw);
        var seen = new bool[rows.Count];
        var before = -1;
        foreach (var bytes in JsonLines.Read(outputPath))
        {
            var line = ResultLine.Parse(bytes);
            var row = rows.Find(line.CustomId);
            if (row < 0 || seen[row] || line.StatusCode != 200 || line.Echo != rows.Body(row) || (ordered && row != before + 1))
            {
                throw new InvalidDataException($"The result behind row {before} is not what was asked for.");
            }

            seen[row] = true;
            before = row;
        }

        if (Array.IndexOf(seen, false) is var missing and >= 0)
        {
            throw new InvalidDataException($"Row {missing} has no result.");
        }
    }
}
