namespace Phaseo.Orleans.Testing;

/// <summary>What the reads of one batch, in their order, may show (I2, I7).</summary>
internal static class ReadingChecks
{
    public static void Run(BatchEvidence batch, Action<string, BatchEvidence?, string> report)
    {
        for (var i = 1; i < batch.Seen.Count; i++)
        {
            Compare(batch.Seen[i - 1], batch.Seen[i], (promise, what) => report(promise, batch, what));
        }

        foreach (var seen in batch.Seen)
        {
            if (!seen.IsTerminal && (seen.OutputFileId ?? seen.ErrorFileId) is not null)
            {
                report("I7", batch, $"A file id was shown while {seen.Status}.");
                break;
            }
        }

        CheckLast(batch, batch.Seen[^1], (promise, what) => report(promise, batch, what));
    }

    private static void Compare(BatchReading before, BatchReading after, Action<string, string> report)
    {
        if (!MayFollow(before.Status, after.Status))
        {
            report("I2", $"The status went from {before.Status} to {after.Status}.");
        }

        if (after.Completed < before.Completed || after.Failed < before.Failed)
        {
            report("I2", $"The counts fell from {before.Completed}+{before.Failed} to {after.Completed}+{after.Failed}.");
        }

        if (before.IsTerminal && before != after)
        {
            report("I2", $"A {before.Status} batch changed.");
        }
    }

    // States between may have gone unseen.
    private static bool MayFollow(string before, string after) => before == after || (before, after) switch
    {
        ("validating", _) => true,
        ("in_progress", "finalizing" or "cancelling" or "completed" or "expired" or "cancelled") => true,
        ("finalizing", "completed" or "expired") => true,
        ("cancelling", "cancelled") => true,
        _ => false,
    };

    private static void CheckLast(BatchEvidence batch, BatchReading last, Action<string, string> report)
    {
        if (last.Completed + last.Failed != last.Total)
        {
            report("I2", $"{last.Completed} completed and {last.Failed} failed are not {last.Total}.");
        }

        if (last.Status == "failed" && (last.Total != 0 || (last.OutputFileId ?? last.ErrorFileId) is not null))
        {
            report("I2", "A batch that failed validation has counts or files.");
        }

        CheckFile("output", last.OutputFileId, last.Completed, batch.OutputPath, batch.FirstOutputPath, report);
        CheckFile("error", last.ErrorFileId, last.Failed, batch.ErrorPath, batch.FirstErrorPath, report);
    }

    private static void CheckFile(
        string name, string? id, int rows, string? path, string? firstPath, Action<string, string> report)
    {
        if ((id is null) != (rows == 0))
        {
            report("I7", $"There are {rows} rows for the {name} file and its id is {(id is null ? "null" : "set")}.");
        }

        if ((id is null) != (path is null))
        {
            report("I7", $"The {name} file's id is {(id is null ? "null" : "set")} and the file {(path is null ? "cannot" : "can")} be read.");
        }

        if (path is not null && firstPath is not null && !File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(firstPath)))
        {
            report("I7", $"The {name} file changed after its id was shown.");
        }
    }
}
