namespace Phaseo.Orleans.Claims;

/// <summary>
/// When a request makes something new, gets what an earlier one made, or has to wait. Pure: the grain stores what
/// comes out. A result that is the same instance means that there is nothing to store.
/// </summary>
internal static class ClaimRules
{
    /// <summary>A holder that has made nothing by then is taken for dead: another goes on under the same id.</summary>
    public static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(60);

    /// <summary>How long a claim by <c>Idempotency-Key</c> is kept. The contract asks for 24 hours after the answer.</summary>
    public static readonly TimeSpan KeyKeptFor = TimeSpan.FromHours(25);

    /// <summary>How long a repeated body without a key can mean the same request (contract, "Idempotency").</summary>
    public static readonly TimeSpan BodyKeptFor = TimeSpan.FromMinutes(15);

    /// <summary>When to ask again if the holder is most likely about to finish.</summary>
    public static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    /// <summary>Answers a request; the claim that comes out is to be stored before the answer is given.</summary>
    public static (Claim? After, ClaimAnswer Answer) Decide(Claim? claim, ClaimRequest request, DateTimeOffset now)
    {
        if (claim is null || now >= claim.KeepUntil || (!request.HasKey && IsAnotherRequest(claim, request)))
        {
            return Begin(request, now);
        }

        if (claim.BodyHash != request.BodyHash)
        {
            return (claim, new ClaimAnswer.OtherBody());
        }

        if (request.Missing != claim.Hold)
        {
            return (claim, new ClaimAnswer.Look(claim.Hold));
        }

        if (claim.Delivered)
        {
            // It was there and is gone: a file that its owner deleted. Its id must not come back.
            return Begin(request, now);
        }

        var age = now - claim.At;
        if (age < TakeOverAfter)
        {
            // Nearly always the holder is alive and needs milliseconds more; later only a takeover will help.
            return (claim, new ClaimAnswer.Wait(age < ShortWait ? ShortWait : TakeOverAfter - age));
        }

        var taken = claim with { At = now, KeepUntil = now + KeptFor(request), Revision = claim.Revision + 1 };
        return (taken, new ClaimAnswer.Run(taken.Hold));
    }

    /// <summary>Puts a new id under the claim, whose old one was abandoned. The same instance: no longer the holder.</summary>
    public static Claim? Rename(Claim? claim, ClaimHold hold, string newId, DateTimeOffset now) =>
        claim?.Hold == hold
            ? claim with { Id = newId, At = now, KeepUntil = claim.KeepUntil + (now - claim.At), Revision = claim.Revision + 1 }
            : claim;

    /// <summary>The holder has failed on the way: the next request need not wait to take over.</summary>
    public static Claim? LetGo(Claim? claim, ClaimHold hold, DateTimeOffset now) =>
        claim?.Hold == hold && now - claim.At < TakeOverAfter ? claim with { At = now - TakeOverAfter } : claim;

    /// <summary>The request was refused, and refusals are not kept. The same instance: no longer the holder.</summary>
    public static Claim? Release(Claim? claim, ClaimHold hold) => claim?.Hold == hold ? null : claim;

    /// <summary>
    /// The answer has reached a client. The revision rises, so that somebody who looked before the thing was there
    /// looks again instead of making a second one.
    /// </summary>
    public static Claim? Deliver(Claim? claim, string id) =>
        claim is { Delivered: false } && claim.Id == id ? claim with { Delivered = true, Revision = claim.Revision + 1 } : claim;

    /// <summary>
    /// Without a key, an equal body is the same request if the client's library says that it retries (it counts up
    /// from 0), or if nobody can have read the answer to the first.
    /// </summary>
    private static bool IsAnotherRequest(Claim claim, ClaimRequest request) =>
        claim.Delivered && request.RetryCount <= claim.RetryCount;

    private static (Claim? After, ClaimAnswer Answer) Begin(ClaimRequest request, DateTimeOffset now)
    {
        var claim = new Claim
        {
            Id = request.NewId,
            BodyHash = request.BodyHash,
            RetryCount = request.RetryCount,
            At = now,
            KeepUntil = now + KeptFor(request),
            Revision = 1,
        };
        return (claim, new ClaimAnswer.Run(claim.Hold));
    }

    private static TimeSpan KeptFor(ClaimRequest request) => request.HasKey ? KeyKeptFor : BodyKeptFor;
}
