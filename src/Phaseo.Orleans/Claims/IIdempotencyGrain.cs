namespace Phaseo.Orleans.Claims;

/// <summary>
/// Sees to it that one request makes one thing, however often it is sent. One activation for each
/// <c>{workspace}:{route}:{hash}</c> (<see cref="ClaimKey"/>). What it answers is stored first.
/// </summary>
[GrainInterfaceType("claim"), Alias("claim")]
internal interface IIdempotencyGrain : IGrainWithStringKey
{
    /// <summary>Asks for the right to make something, or learns who has it.</summary>
    [Alias("claim")]
    Task<ClaimAnswer> ClaimAsync(ClaimRequest request);

    /// <summary>Starts again under a new id, because the old one was abandoned. Null: the caller is no longer the holder.</summary>
    [Alias("rename")]
    Task<ClaimHold?> RenameAsync(ClaimHold hold, string newId);

    /// <summary>The holder gave up half-way: the next request may go on at once, under the same id.</summary>
    [Alias("let-go")]
    Task LetGoAsync(ClaimHold hold);

    /// <summary>Forgets a request that was refused. False: the caller is no longer the holder.</summary>
    [Alias("release")]
    Task<bool> ReleaseAsync(ClaimHold hold);

    /// <summary>Notes that the answer about this id was fully written to a client.</summary>
    [Alias("deliver")]
    Task DeliverAsync(string id);
}

/// <summary>A request, as far as the claim needs to know it.</summary>
[GenerateSerializer, Immutable, Alias("claim.request")]
internal sealed record ClaimRequest
{
    /// <summary>Whether the client sent an <c>Idempotency-Key</c>.</summary>
    [Id(0)] public required bool HasKey { get; init; }

    /// <summary>SHA-256 of the body, lower-case hex.</summary>
    [Id(1)] public required string BodyHash { get; init; }

    /// <summary>How often the client's library says that it has retried.</summary>
    [Id(2)] public int RetryCount { get; init; }

    /// <summary>The id to use if something new is made.</summary>
    [Id(3)] public required string NewId { get; init; }

    /// <summary>The hold of a <see cref="ClaimAnswer.Look"/> under whose id nothing was found.</summary>
    [Id(4)] public ClaimHold? Missing { get; init; }
}

/// <summary>A claim at one moment: it is the holder's as long as the revision stands.</summary>
[GenerateSerializer, Immutable, Alias("claim.hold")]
internal sealed record ClaimHold([property: Id(0)] string Id, [property: Id(1)] int Revision);

/// <summary>What to do with a request.</summary>
[GenerateSerializer, Immutable, Alias("claim.answer")]
internal abstract record ClaimAnswer
{
    private ClaimAnswer()
    {
    }

    /// <summary>Make it, under this id. Others may have begun under it if the revision is above 1.</summary>
    [GenerateSerializer, Immutable, Alias("claim.answer.run")]
    internal sealed record Run([property: Id(0)] ClaimHold Hold) : ClaimAnswer;

    /// <summary>Look whether it is there: then that is the answer; if not, ask again and say so.</summary>
    [GenerateSerializer, Immutable, Alias("claim.answer.look")]
    internal sealed record Look([property: Id(0)] ClaimHold Hold) : ClaimAnswer;

    /// <summary>Somebody is at it: come back later.</summary>
    [GenerateSerializer, Immutable, Alias("claim.answer.wait")]
    internal sealed record Wait([property: Id(0)] TimeSpan RetryAfter) : ClaimAnswer;

    /// <summary>The key was used with another body.</summary>
    [GenerateSerializer, Immutable, Alias("claim.answer.other-body")]
    internal sealed record OtherBody : ClaimAnswer;
}
