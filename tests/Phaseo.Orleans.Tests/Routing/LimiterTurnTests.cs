using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class LimiterTurnTests : LimiterTest
{
    private string _last = "";

    [Fact]
    public async Task Workspaces_take_turns_however_many_claims_one_has()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var order = new List<string>();
        var served = "big big big big small small tiny".Split(' ').Select(workspace => Note(order, workspace)).ToArray();

        foreach (var _ in served)
        {
            var before = order.Count;
            Limiter.Release("p", Ok);
            await UntilAsync(() => order.Count > before);
        }

        Assert.Equal("big small tiny big small big big", string.Join(' ', order));
    }

    [Fact]
    public async Task Turns_are_taken_over_all_providers_of_the_silo()
    {
        using var limiter = NewLimiter(cap: 1);
        Lend("p", 5, limiter);
        Lend("q", 5, limiter);
        Assert.True(Ask("p", limiter: limiter).IsCompletedSuccessfully);
        var order = new List<string>();
        var served = new[] { ("p", "wide"), ("q", "wide"), ("p", "wide"), ("q", "wide"), ("p", "narrow"), ("p", "narrow") }
            .Select(claim => Note(order, claim.Item2, claim.Item1, limiter: limiter)).ToArray();

        var held = "p";
        foreach (var _ in served)
        {
            var before = order.Count;
            limiter.Release(held, Ok);
            await UntilAsync(() => order.Count > before);
            held = _last;
        }

        Assert.Equal("wide narrow wide narrow wide wide", string.Join(' ', order));
    }

    [Fact]
    public async Task Within_a_workspace_the_earliest_deadline_is_first()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var order = new List<string>();
        var served = "3121".Select((hours, i) => Note(order, "w", "p", $"{hours}.{i}", hours - '0')).ToArray();

        foreach (var _ in served)
        {
            var before = order.Count;
            Limiter.Release("p", Ok);
            await UntilAsync(() => order.Count > before);
        }

        Assert.Equal("1.1 1.3 2.2 3.0", string.Join(' ', order));
    }

    private async Task Note(List<string> order, string workspace, string provider = "p", string? word = null, int hours = 1, ProviderLimiter? limiter = null)
    {
        var grant = await (limiter ?? Limiter).AcquireAsync(provider, Claim(workspace, hours), CancellationToken.None);
        Assert.True(grant.Granted);
        lock (order)
        {
            _last = provider;
            order.Add(word ?? workspace);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
