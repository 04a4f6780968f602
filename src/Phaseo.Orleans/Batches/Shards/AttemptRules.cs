using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>What follows from a call that gave no answer to keep. Pure (contract, "Attempts").</summary>
internal static class AttemptRules
{
    /// <summary>The next step of a row.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="retriedTruncated">Whether a truncated answer has had its one retry.</param>
    /// <param name="hasNextOffer">Whether this round has another offer.</param>
    /// <param name="rounds">Rounds that had ended before this one.</param>
    /// <param name="maxRounds">Rounds at most.</param>
    public static RowStep After(ProviderFailure failure, bool retriedTruncated, bool hasNextOffer, int rounds, int maxRounds) =>
        failure.Kind switch
        {
            FailureKind.Refused => RowStep.KeepAnswer,
            FailureKind.InvalidResponse => RowStep.EndInvalid,
            FailureKind.Truncated => retriedTruncated ? RowStep.EndInvalid : RowStep.SameOffer,
            FailureKind.RateLimited or FailureKind.Overloaded or FailureKind.Unreachable => Onwards(hasNextOffer, rounds, maxRounds),
            FailureKind.TimedOut or FailureKind.OperatorFault => Onwards(hasNextOffer, rounds, maxRounds),
        };

    /// <summary>
    /// The wait before the next round: doubling from the first delay to the longest, half of it jittered, unless the
    /// providers asked for a time of their own.
    /// </summary>
    /// <param name="options">First and longest delay.</param>
    /// <param name="rounds">Rounds that have ended, from 1.</param>
    /// <param name="asked">The least wait that any offer of the round asked for; null: none did.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan Delay(BatchOptions options, int rounds, TimeSpan? asked, double random)
    {
        var doubled = options.FirstRetryDelay * Math.Pow(2, Math.Min(rounds - 1, 30));
        var capped = doubled < options.MaxRetryDelay ? doubled : options.MaxRetryDelay;
        var own = capped * (0.5 + (random * 0.5));
        return asked is { } time && time > own ? time : own;
    }

    private static RowStep Onwards(bool hasNextOffer, int rounds, int maxRounds) =>
        hasNextOffer ? RowStep.NextOffer : rounds + 1 < maxRounds ? RowStep.NextRound : RowStep.GiveUp;
}

/// <summary>What happens to a row next.</summary>
internal enum RowStep
{
    /// <summary>The answer is the row's, though not 2xx.</summary>
    KeepAnswer = 1,

    /// <summary>The row ends as <c>invalid_provider_response</c>.</summary>
    EndInvalid = 2,

    /// <summary>The same offer once more.</summary>
    SameOffer = 3,

    /// <summary>The plan's next offer.</summary>
    NextOffer = 4,

    /// <summary>All offers again, after a wait.</summary>
    NextRound = 5,

    /// <summary>The row ends with its last answer, or as timed out or unavailable.</summary>
    GiveUp = 6,
}
