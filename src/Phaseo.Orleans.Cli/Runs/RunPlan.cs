namespace Phaseo.Orleans.Cli.Runs;

/// <summary>What a run does first, given what an earlier one left behind.</summary>
/// <param name="Record">The record to work under.</param>
/// <param name="CancelFirst">A batch to cancel before, or null.</param>
/// <param name="Remark">What the person should know, or null.</param>
internal sealed record RunPlan(RunRecord Record, string? CancelFirst, string? Remark)
{
    /// <summary>The endpoint where neither the caller nor the first row names one.</summary>
    public const string DefaultEndpoint = "/v1/chat/completions";

    /// <summary>Decides whether to go on or to start anew.</summary>
    /// <exception cref="CliException">Neither would be what was meant: paid work would be lost or done twice.</exception>
    public static RunPlan Decide(RunRequest request, InputFile input, RunRecord? left)
    {
        var fresh = new RunRecord
        {
            Input = request.Input,
            Bytes = input.Bytes,
            Sha256 = input.Sha256,
            Endpoint = request.Endpoint ?? input.Url ?? DefaultEndpoint,
            Window = request.Window,
            IdempotencyKey = "phaseo-run-" + Guid.NewGuid().ToString("N"),
        };
        return left switch
        {
            { BatchId: { } batch } => GoOn(request, input, left, batch) ?? new(fresh, batch, null),
            null when request.Resume && File.Exists(request.Output) => throw new CliException(
                $"there is no unfinished run of {request.Input}, and {request.Output} is there already; without --resume it is run again"),
            null => new(fresh, null, request.Resume ? $"There is no unfinished run of {request.Input}; starting." : null),

            // Stopped before the batch was known. Under the same keys it is found again if it was made after all.
            _ when left.IsFor(input) && left.Endpoint == fresh.Endpoint && left.Window == fresh.Window => new(left, null, null),
            _ => new(fresh, null, null),
        };
    }

    // Null: the old batch is to be cancelled.
    private static RunPlan? GoOn(RunRequest request, InputFile input, RunRecord left, string batch)
    {
        if (request.Restart)
        {
            return null;
        }

        if (!left.IsFor(input))
        {
            throw new CliException(
                $"{request.Input} has changed since its unfinished run ({batch}); --restart cancels that and starts again");
        }

        return request.Resume
            ? new(left, null, $"Going on with {batch}.")
            : throw new CliException(
                $"{request.Input} has an unfinished run ({batch}); --resume goes on with it, --restart cancels it and starts again");
    }
}
