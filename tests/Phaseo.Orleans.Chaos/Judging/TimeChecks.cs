using System.Text.Json;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>Whether a batch ended in time (I4, I6), by its own stamps; after a kill or freeze within I5's bounds.</summary>
internal static class TimeChecks
{
    private const int CancelGraceSeconds = 5;

    /// <summary>One violation at most.</summary>
    /// <param name="batch">The terminal batch object.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="allowance">What kills, freezes and outages may have cost.</param>
    public static Violation? Check(JsonElement batch, int rows, TimeSpan allowance)
    {
        var id = batch.GetProperty("id").GetString()!;
        var more = (rows / 20_000.0) + allowance.TotalSeconds;
        if (Stamp(batch, "expired_at") is { } expired && expired - Stamp(batch, "expires_at") > 5 + 2 + more)
        {
            return new("I4", id, $"It expired {expired - Stamp(batch, "expires_at")} s after its deadline.");
        }

        return Stamp(batch, "cancelled_at") is { } cancelled && cancelled - Stamp(batch, "cancelling_at") > CancelGraceSeconds + 15 + more
            ? new("I6", id, $"It was cancelled {cancelled - Stamp(batch, "cancelling_at")} s after it was asked to.")
            : null;
    }

    private static long? Stamp(JsonElement batch, string name) =>
        batch.GetProperty(name) is { ValueKind: JsonValueKind.Number } stamp ? stamp.GetInt64() : null;
}
