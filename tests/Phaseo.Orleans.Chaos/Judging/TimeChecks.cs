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
    /// <param name="disturbances">What was broken meanwhile.</param>
    public static Violation? Check(JsonElement batch, int rows, Disturbances disturbances)
    {
        var id = batch.GetProperty("id").GetString()!;
        var more = TimeSpan.FromSeconds(rows / 20_000.0);
        if (Stamp(batch, "expired_at") is { } expired && Stamp(batch, "expires_at") is { } window
            && !disturbances.IsInTime(window, expired, TimeSpan.FromSeconds(5) + more))
        {
            return new("I4", id, $"It expired {expired - window} s after its deadline.");
        }

        return Stamp(batch, "cancelled_at") is { } cancelled && Stamp(batch, "cancelling_at") is { } asked
            && !disturbances.IsInTime(asked, cancelled, TimeSpan.FromSeconds(CancelGraceSeconds + 15) + more)
            ? new("I6", id, $"It was cancelled {cancelled - asked} s after it was asked to.")
            : null;
    }

    private static long? Stamp(JsonElement batch, string name) =>
        batch.GetProperty(name) is { ValueKind: JsonValueKind.Number } stamp ? stamp.GetInt64() : null;
}
