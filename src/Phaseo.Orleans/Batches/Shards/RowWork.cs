using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>A row that has no result yet, and how far it has come.</summary>
internal sealed class RowWork(ShardRow row, RequestLine parts)
{
    /// <summary>The row.</summary>
    public ShardRow Row => row;

    /// <summary>Where its parts are.</summary>
    public RequestLine Parts => parts;

    /// <summary>The offers it may use.</summary>
    public RoutePlan Plan { get; set; } = null!;

    /// <summary>Which of them is next in this round.</summary>
    public int OfferIndex { get; set; }

    /// <summary>The offer that is next.</summary>
    public Offer Offer => Plan.Ranked[OfferIndex];

    /// <summary>Whether this round has an offer behind the next one.</summary>
    public bool HasNextOffer => OfferIndex + 1 < Plan.Ranked.Length;

    /// <summary>Calls made.</summary>
    public int Attempts { get; set; }

    /// <summary>Calls made before this round.</summary>
    public int AttemptsBefore { get; set; }

    /// <summary>Rounds that have ended.</summary>
    public int Rounds { get; set; }

    /// <summary>Whether a truncated answer has had its one retry.</summary>
    public bool RetriedTruncated { get; set; }

    /// <summary>Whether the last failure was a time limit.</summary>
    public bool TimedOut { get; set; }

    /// <summary>The least wait that a provider of this round asked for.</summary>
    public TimeSpan? Asked { get; set; }

    /// <summary>Until when the offers passed over in this round are blocked.</summary>
    public DateTimeOffset BlockedUntil { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>The last 429 or 5xx answer of this round: what the row gets if it gives up. Null: none.</summary>
    public (RowResult Result, byte[] Line)? LastAnswer { get; set; }

    /// <summary>Starts a round over the offers of a plan.</summary>
    public void Begin(RoutePlan plan)
    {
        Plan = plan;
        OfferIndex = 0;
        AttemptsBefore = Attempts;
        Asked = null;
        LastAnswer = null;
        BlockedUntil = DateTimeOffset.MaxValue;
    }

    /// <summary>Notes how long a provider asks to be left alone.</summary>
    public void NoteAsked(TimeSpan? retryAfter)
    {
        if (retryAfter is { } time && (Asked is null || time < Asked))
        {
            Asked = time;
        }
    }
}
