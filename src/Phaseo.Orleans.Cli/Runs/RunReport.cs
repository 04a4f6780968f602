using System.Text.Json;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Says how a run ended.</summary>
internal static class RunReport
{
    /// <summary>For people and logs: a headline and one line a figure.</summary>
    public static IEnumerable<string> Lines(RunOutcome outcome)
    {
        var batch = outcome.Batch;
        var counts = batch.RequestCounts;
        yield return $"Batch {batch.Id} {batch.Status}";
        if (batch.Status == "failed")
        {
            yield break; // its faults are printed instead
        }

        yield return Line("rows", $"{Format.Count(counts.Total)}: {Format.Count(counts.Completed)} ok, {Format.Count(counts.Failed)} failed");
        yield return Line("time", Format.Duration(outcome.Elapsed) + (outcome.RowsPerSecond is { } rate ? $", {Format.Rate(rate)}" : ""));
        if (batch.Usage is { } usage)
        {
            yield return Line("tokens", $"{Format.Count(usage.InputTokens)} in, {Format.Count(usage.OutputTokens)} out");
        }

        if (outcome.CostNanos is { } cost)
        {
            yield return Line("cost", Format.Cost(cost));
        }

        if (outcome.Saved.Output is { } output)
        {
            yield return Line("output", output);
        }

        if (outcome.Saved.Errors is { } errors)
        {
            yield return Line("errors", errors);
        }

        if (outcome.Saved.Simulated)
        {
            yield return Line("note", "answers came from the built-in simulator, not from a model");
        }
    }

    /// <summary>For programs: one JSON object on one line.</summary>
    public static void WriteJson(TextWriter writer, RunOutcome outcome)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("object", "phaseo.run");
            json.WritePropertyName("batch");
            outcome.Batch.Raw.WriteTo(json);
            json.WriteString("output", outcome.Saved.Output);
            json.WriteString("errors", outcome.Saved.Errors);
            json.WriteNumber("seconds", Math.Round(outcome.Elapsed.TotalSeconds, 3));
            WriteNumber(json, "rows_per_second", outcome.RowsPerSecond is { } rate ? Math.Round(rate, 1) : null);
            WriteNumber(json, "cost_nanos", outcome.CostNanos);
            json.WriteBoolean("simulated", outcome.Saved.Simulated);
            json.WriteEndObject();
        }

        writer.WriteLine(System.Text.Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static string Line(string name, string value) => $"  {name,-7} {value}";

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
