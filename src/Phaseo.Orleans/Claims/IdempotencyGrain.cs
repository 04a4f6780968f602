using System.Text.Json;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Claims;

/// <summary>
/// Keeps one claim: reads it, lets <see cref="ClaimRules"/> decide, writes it, answers. Of two activations that
/// exist for a moment the row's tag refuses one, which then reads and decides again.
/// </summary>
[GrainType("claim"), CollectionAgeLimit(Minutes = 2)]
internal sealed class IdempotencyGrain(IClaimRows rows, TimeProvider time) : Grain, IIdempotencyGrain
{
    private const int MaxTries = 5;

    private bool _isKnown;
    private string? _tag;
    private Claim? _claim;

    public Task<ClaimAnswer> ClaimAsync(ClaimRequest request) =>
        ChangeAsync(claim => ClaimRules.Decide(claim, request, time.GetUtcNow()));

    public Task<ClaimHold?> RenameAsync(ClaimHold hold, string newId) => ChangeAsync(claim =>
    {
        var after = ClaimRules.Rename(claim, hold, newId, time.GetUtcNow());
        return (after, ReferenceEquals(after, claim) ? null : after?.Hold);
    });

    public Task LetGoAsync(ClaimHold hold) =>
        ChangeAsync(claim => (ClaimRules.LetGo(claim, hold, time.GetUtcNow()), true));

    public Task<bool> ReleaseAsync(ClaimHold hold) => ChangeAsync(claim =>
    {
        var after = ClaimRules.Release(claim, hold);
        return (after, !ReferenceEquals(after, claim));
    });

    public Task DeliverAsync(string id) => ChangeAsync(claim => (ClaimRules.Deliver(claim, id), true));

    private async Task<T> ChangeAsync<T>(Func<Claim?, (Claim? After, T Answer)> change)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (!_isKnown)
            {
                await LoadAsync();
            }

            var (after, answer) = change(_claim);
            if (ReferenceEquals(after, _claim) || await SaveAsync(after))
            {
                return answer;
            }
        }

        throw new StorageUnavailableException($"A claim was written by others {MaxTries} times in a row.");
    }

    /// <summary>False: the row was not what we thought. What is known of it then is read anew.</summary>
    private async Task<bool> SaveAsync(Claim? after)
    {
        // Until storage has answered, nothing is known: after an exception the next call reads first.
        _isKnown = false;
        var key = this.GetPrimaryKeyString();
        var tag = after is null ? null : Guid.NewGuid().ToString("N");
        var row = after is null ? null : new ClaimRow(
            key, tag!, after.KeepUntil, JsonSerializer.SerializeToUtf8Bytes(after, ClaimJson.Default.Claim));
        try
        {
            var isDone = row is not null
                ? await rows.WriteAsync(row, _tag, CancellationToken.None)
                : await rows.RemoveAsync(key, _tag!, CancellationToken.None);
            if (isDone)
            {
                (_isKnown, _tag, _claim) = (true, tag, after);
                return true;
            }
        }
        catch (StorageUnavailableException)
        {
            // It may have been carried out all the same; reading tells.
        }

        await LoadAsync();
        return _tag == tag;
    }

    private async Task LoadAsync()
    {
        var row = await rows.GetAsync(this.GetPrimaryKeyString(), CancellationToken.None);
        _claim = row is null ? null : JsonSerializer.Deserialize(row.Content.Span, ClaimJson.Default.Claim);
        _tag = row?.Tag;
        _isKnown = true;
    }
}
