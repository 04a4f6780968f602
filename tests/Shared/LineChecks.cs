namespace Phaseo.Orleans.Testing;

/// <summary>Whether a result line is in the right file and has a right form (I1).</summary>
internal static class LineChecks
{
    private static readonly string[] Codes =
    [
        "batch_expired", "batch_cancelled", "request_timeout", "spend_cap_reached", "no_eligible_provider",
        "invalid_provider_response", "provider_unavailable",
    ];

    public static void Run(ResultLine line, bool isOutput, BatchEvidence batch, Action<string> report)
    {
        if (!line.RowId.StartsWith("batch_req_", StringComparison.Ordinal))
        {
            report("its id is not a batch_req_.");
        }

        if ((line.StatusCode is null) != (line.ErrorCode is not null))
        {
            report("it must have either an answer or an error.");
        }

        if (isOutput != line.StatusCode is >= 200 and < 300)
        {
            report($"status {line.StatusCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} is in the wrong file.");
        }

        if (line.ErrorCode is { } code && !Codes.Contains(code))
        {
            report("its error code is not one of the contract's.");
        }

        var status = batch.Seen[^1].Status;
        if ((line.ErrorCode == "batch_expired" && status != "expired") || (line.ErrorCode == "batch_cancelled" && status != "cancelled"))
        {
            report($"it is {line.ErrorCode} in a batch that is {status}.");
        }
    }
}
