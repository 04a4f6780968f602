using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>A batch in words.</summary>
internal static class BatchText
{
    /// <summary>Prints one batch, or the server's object as it came.</summary>
    public static void Write(CliContext context, BatchInfo batch, bool json)
    {
        if (json)
        {
            context.Out.WriteLine(batch.Raw.GetRawText());
            return;
        }

        foreach (var (name, value) in Lines(batch))
        {
            context.Out.WriteLine($"{name,-8} {value}");
        }

        Faults.Write(context, batch);
    }

    private static IEnumerable<(string Name, string Value)> Lines(BatchInfo batch)
    {
        var counts = batch.RequestCounts;
        (string Name, string? Value)[] all =
        [
            ("id", batch.Id),
            ("status", batch.Status),
            ("endpoint", batch.Endpoint),
            ("model", batch.Model),
            ("provider", batch.Provider),
            ("rows", $"{Format.Count(counts.Total)}: {Format.Count(counts.Completed)} ok, {Format.Count(counts.Failed)} failed"),
            ("tokens", batch.Usage is { } usage ? $"{Format.Count(usage.InputTokens)} in, {Format.Count(usage.OutputTokens)} out" : null),
            ("cost", batch.Billing?.CostNanos is { } cost ? Format.Cost(cost) : null),
            ("created", Format.Time(batch.CreatedAt)),
            ("expires", batch.ExpiresAt is { } expires ? Format.Time(expires) : null),
            ("output", batch.OutputFileId),
            ("errors", batch.ErrorFileId),
        ];
        return all.Where(line => line.Value is not null).Select(line => (line.Name, line.Value!));
    }
}
