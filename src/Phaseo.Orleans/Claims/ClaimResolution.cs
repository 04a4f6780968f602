namespace Phaseo.Orleans.Claims;

/// <summary>Asks a claim and, where it says so, looks.</summary>
internal static class ClaimResolution
{
    private const int MaxRounds = 4;

    /// <summary>
    /// The claim's answer. <see cref="ClaimAnswer.Look"/> comes with what was found under its id, and only then.
    /// </summary>
    /// <param name="claim">The claim.</param>
    /// <param name="request">The request, with nothing missing yet.</param>
    /// <param name="find">Looks for the thing under an id; null: it is not there.</param>
    public static async Task<(ClaimAnswer Answer, T? Found)> ResolveAsync<T>(
        this IIdempotencyGrain claim, ClaimRequest request, Func<string, Task<T?>> find)
        where T : class
    {
        var asked = request;
        for (var round = 0; round < MaxRounds; round++)
        {
            var answer = await claim.ClaimAsync(asked);
            if (answer is not ClaimAnswer.Look look)
            {
                return (answer, null);
            }

            if (await find(look.Hold.Id) is { } found)
            {
                return (look, found);
            }

            // The claim may have moved on while we looked: then it sends us to look again.
            asked = asked with { Missing = look.Hold };
        }

        return (new ClaimAnswer.Wait(ClaimRules.ShortWait), null);
    }
}
