using System.Text;
using System.Text.Json;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Claims;

/// <summary>The grain between the rules and the rows: what it does when the row is not what it thinks.</summary>
[Collection(ClaimTests.Name)]
public sealed class IdempotencyGrainTests
{
    private readonly ClaimCluster _cluster;
    private readonly MemoryStores _stores = new();
    private readonly string _key;
    private readonly IIdempotencyGrain _claim;

    public IdempotencyGrainTests(ClaimCluster cluster)
    {
        _cluster = cluster;
        var workspace = "ws-" + Guid.NewGuid().ToString("N");
        cluster.Keep(workspace, _stores);
        _key = ClaimKey.Of(workspace, "batches", "key-1", "api-key-1", "body-1");
        _claim = cluster.Grains.GetGrain<IIdempotencyGrain>(_key);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Row_holds_these_names_and_nothing_of_the_request()
    {
        _cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        var at = _cluster.Clock.GetUtcNow();

        await _claim.ClaimAsync(Request("batch_1") with { RetryCount = 2 });
        await _claim.DeliverAsync("batch_1");

        var row = Assert.Single(_stores.Claims.Values);
        Assert.Equal(_key, row.Key);
        Assert.Equal(at.AddHours(25), row.ExpiresAt);
        Assert.Equal(
            $$"""{"id":"batch_1","body":"body-1","retries":2,"at":{{JsonSerializer.Serialize(at)}},"keep_until":{{JsonSerializer.Serialize(at.AddHours(25))}},"revision":2,"delivered":true}""",
            Encoding.UTF8.GetString(row.Content.Span));
    }

    [Fact]
    public async Task Claim_outlives_its_activation()
    {
        await _claim.ClaimAsync(Request("batch_1"));

        await _cluster.DeactivateAsync(_claim);

        Assert.Equal(new ClaimAnswer.Look(new("batch_1", 1)), await _claim.ClaimAsync(Request("batch_2")));
    }

    [Fact]
    public async Task Activation_that_another_one_overtook_decides_anew_by_what_is_stored()
    {
        await _claim.ClaimAsync(Request("batch_1"));
        await RewriteAsync(content => content.Replace("batch_1", "batch_9", StringComparison.Ordinal));

        Assert.Null(await _claim.RenameAsync(new("batch_1", 1), "batch_2"));
        Assert.Equal(new ClaimHold("batch_2", 2), await _claim.RenameAsync(new("batch_9", 1), "batch_2"));
    }

    [Fact]
    public async Task Row_that_went_by_age_is_not_written_over_but_made_anew()
    {
        await _claim.ClaimAsync(Request("batch_1"));
        _cluster.Clock.Advance(TimeSpan.FromHours(25));
        await _stores.RemoveExpiredAsync(_cluster.Clock.GetUtcNow(), Cancel);

        var answer = await _claim.ClaimAsync(Request("batch_2"));

        Assert.Equal(new ClaimAnswer.Run(new("batch_2", 1)), answer);
        Assert.Contains("batch_2", Encoding.UTF8.GetString(Assert.Single(_stores.Claims.Values).Content.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_whose_answer_was_lost_counts_if_it_is_there(bool isCarriedOut)
    {
        FailOnce("claim", isCarriedOut);

        Assert.Equal(new ClaimAnswer.Run(new("batch_1", 1)), await _claim.ClaimAsync(Request("batch_1")));
        Assert.Equal(new ClaimAnswer.Look(new("batch_1", 1)), await _claim.ClaimAsync(Request("batch_2")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Release_whose_answer_was_lost_counts_if_the_row_is_gone(bool isCarriedOut)
    {
        await _claim.ClaimAsync(Request("batch_1"));
        FailOnce("remove claim", isCarriedOut);

        Assert.True(await _claim.ReleaseAsync(new("batch_1", 1)));
        Assert.Empty(_stores.Claims);
    }

    [Fact]
    public async Task Outage_is_told_and_nothing_is_remembered_of_it()
    {
        _stores.OnWrite = (_, _) => throw new StorageUnavailableException("Away.");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _claim.ClaimAsync(Request("batch_1")));
        _stores.OnWrite = Carry;

        Assert.Equal(new ClaimAnswer.Run(new("batch_2", 1)), await _claim.ClaimAsync(Request("batch_2")));
    }

    [Fact]
    public async Task After_a_write_that_nobody_knows_of_storage_is_asked_and_not_the_memory()
    {
        await _claim.ClaimAsync(Request("batch_1"));
        FailOnce("claim", isCarriedOut: true);
        _stores.OnRead = () => throw new StorageUnavailableException("Away.");
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _claim.RenameAsync(new("batch_1", 1), "batch_2"));
        _stores.OnRead = () => { };

        Assert.Equal(new ClaimAnswer.Look(new("batch_2", 2)), await _claim.ClaimAsync(Request("batch_3")));
    }

    [Fact]
    public async Task Release_by_a_former_holder_is_refused()
    {
        await _claim.ClaimAsync(Request("batch_1"));
        await _claim.RenameAsync(new("batch_1", 1), "batch_2");

        Assert.False(await _claim.ReleaseAsync(new("batch_1", 1)));
        Assert.True(await _claim.ReleaseAsync(new("batch_2", 2)));
    }

    private static ClaimRequest Request(string newId) => new() { HasKey = true, BodyHash = "body-1", NewId = newId };

    private static Task Carry(string name, Action write)
    {
        write();
        return Task.CompletedTask;
    }

    private async Task RewriteAsync(Func<string, string> change)
    {
        var row = Assert.Single(_stores.Claims.Values);
        var content = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(row.Content.Span)));
        Assert.True(await _stores.WriteAsync(row with { Tag = "another", Content = content }, row.Tag, Cancel));
    }

    private void FailOnce(string write, bool isCarriedOut)
    {
        _stores.OnWrite = (name, act) =>
        {
            if (name != write)
            {
                return Carry(name, act);
            }

            _stores.OnWrite = Carry;
            if (isCarriedOut)
            {
                act();
            }

            throw new StorageUnavailableException("Nobody knows.");
        };
    }
}
