using System.Globalization;
using Phaseo.Orleans.Claims;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Claims;

public sealed class ClaimRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 3, 12, 0, 0, TimeSpan.Zero);

    // The claim: its age, and whether its answer was written; it was made by a request that had retried twice.
    // The request: by key or by body alone, with how many retries; "missing": the claim's id was looked for in vain.
    // "new": run under a new id. "same": run under the claim's id, as its next holder. "wait n": n seconds.
    private const string Decisions = """
        claim                 key      key, other body    body, 0    body, 2    body, 3    key, missing    body, 0, missing    body, 3, missing
        none                  new      new                new        new        new        new             new                 new
        0.0 s                 look     other body         look       look       look       wait 1          wait 1              wait 1
        0.9 s                 look     other body         look       look       look       wait 1          wait 1              wait 1
        1.0 s                 look     other body         look       look       look       wait 59         wait 59             wait 59
        59.5 s                look     other body         look       look       look       wait 0.5        wait 0.5            wait 0.5
        60.0 s                look     other body         look       look       look       same            same                same
        899.9 s               look     other body         look       look       look       same            same                same
        0.0 s, delivered      look     other body         new        new        look       new             new                 new
        899.9 s, delivered    look     other body         new        new        look       new             new                 new
        900.0 s               look     other body         new        new        new        same            new                 new
        900.0 s, delivered    look     other body         new        new        new        new             new                 new
        86400.0 s             look     other body         new        new        new        same            new                 new
        86400.0 s, delivered  look     other body         new        new        new        new             new                 new
        90000.0 s             new      new                new        new        new        new             new                 new
        """;

    public static TheoryData<string, string, string> Cells => TextTable.Cells(Decisions);

    [Theory, MemberData(nameof(Cells))]
    public void Every_claim_meets_every_request_as_the_table_says(string claimText, string requestText, string expected)
    {
        var request = RequestOf(requestText);
        var claim = ClaimOf(claimText, request.HasKey);
        request = requestText.EndsWith("missing", StringComparison.Ordinal) && claim is not null
            ? request with { Missing = claim.Hold }
            : request;

        var (after, answer) = ClaimRules.Decide(claim, request, Now);

        Assert.Equal(expected, Describe(answer, claim));
        Assert.Equal(answer is ClaimAnswer.Run, !ReferenceEquals(after, claim));
        Assert.Equal((answer as ClaimAnswer.Run)?.Hold, ReferenceEquals(after, claim) ? null : after?.Hold);
    }

    [Fact]
    public void New_claim_keeps_what_it_was_made_of()
    {
        var request = RequestOf("key, other body") with { RetryCount = 4 };

        var (claim, _) = ClaimRules.Decide(null, request, Now);

        Assert.Equal(
            new Claim
            {
                Id = "new",
                BodyHash = "other",
                RetryCount = 4,
                At = Now,
                KeepUntil = Now.AddHours(25),
                Revision = 1,
                Delivered = false,
            },
            claim);
    }

    [Fact]
    public void Look_that_came_before_the_thing_was_there_does_not_make_a_second_one()
    {
        var claim = ClaimOf("0.0 s", hasKey: true);
        var looked = RequestOf("key") with { Missing = claim!.Hold };

        var delivered = ClaimRules.Deliver(claim, claim.Id);
        var (after, answer) = ClaimRules.Decide(delivered, looked, Now);

        Assert.Same(delivered, after);
        Assert.Equal(new ClaimAnswer.Look(new ClaimHold("old", 2)), answer);
    }

    [Fact]
    public void Takeover_makes_the_former_holder_powerless()
    {
        var claim = ClaimOf("60.0 s", hasKey: true);
        var former = claim!.Hold;

        var (taken, _) = ClaimRules.Decide(claim, RequestOf("key") with { Missing = former }, Now);

        Assert.Same(taken, ClaimRules.Release(taken, former));
        Assert.Same(taken, ClaimRules.Rename(taken, former, "newer", Now));
        Assert.Same(taken, ClaimRules.LetGo(taken, former, Now));
        Assert.Equal(new ClaimHold("old", 2), taken!.Hold);
    }

    [Fact]
    public void Takeover_starts_the_clocks_again()
    {
        var claim = ClaimOf("899.9 s", hasKey: false);

        var (taken, _) = ClaimRules.Decide(claim, RequestOf("body, 3") with { Missing = claim!.Hold }, Now);

        Assert.Equal((Now, Now.AddMinutes(15)), (taken!.At, taken.KeepUntil));
    }

    [Fact]
    public void Let_go_claim_is_taken_over_at_once()
    {
        var claim = ClaimOf("0.0 s", hasKey: true);

        var letGo = ClaimRules.LetGo(claim, claim!.Hold, Now);
        var (_, answer) = ClaimRules.Decide(letGo, RequestOf("key") with { Missing = claim.Hold }, Now);

        Assert.Equal(new ClaimAnswer.Run(new ClaimHold("old", 2)), answer);
    }

    [Fact]
    public void Letting_go_twice_changes_nothing_more()
    {
        var claim = ClaimOf("0.0 s", hasKey: true);

        var letGo = ClaimRules.LetGo(claim, claim!.Hold, Now);

        Assert.Same(letGo, ClaimRules.LetGo(letGo, claim.Hold, Now));
    }

    [Fact]
    public void Released_claim_is_gone()
    {
        var claim = ClaimOf("0.0 s", hasKey: true);

        Assert.Null(ClaimRules.Release(claim, claim!.Hold));
    }

    [Fact]
    public void Renamed_claim_has_the_new_id_and_as_long_to_live_from_now()
    {
        var claim = ClaimOf("600.0 s", hasKey: false);

        var renamed = ClaimRules.Rename(claim, claim!.Hold, "newer", Now);

        Assert.Equal(claim with { Id = "newer", Revision = 2, At = Now, KeepUntil = Now.AddMinutes(15) }, renamed);
    }

    [Fact]
    public void Delivery_of_another_id_or_again_changes_nothing()
    {
        var claim = ClaimOf("0.0 s", hasKey: true);
        var delivered = ClaimRules.Deliver(claim, "old");

        Assert.Same(claim, ClaimRules.Deliver(claim, "other"));
        Assert.Same(delivered, ClaimRules.Deliver(delivered, "old"));
        Assert.Null(ClaimRules.Deliver(null, "old"));
    }

    private static Claim? ClaimOf(string text, bool hasKey)
    {
        if (text == "none")
        {
            return null;
        }

        var at = Now.AddSeconds(-double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture));
        return new Claim
        {
            Id = "old",
            BodyHash = "body",
            RetryCount = 2,
            At = at,
            KeepUntil = at + (hasKey ? TimeSpan.FromHours(25) : TimeSpan.FromMinutes(15)),
            Revision = 1,
            Delivered = text.EndsWith("delivered", StringComparison.Ordinal),
        };
    }

    private static ClaimRequest RequestOf(string text)
    {
        var parts = text.Split(", ");
        return new ClaimRequest
        {
            HasKey = parts[0] == "key",
            BodyHash = parts.Contains("other body") ? "other" : "body",
            RetryCount = parts[0] == "body" ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0,
            NewId = "new",
        };
    }

    private static string Describe(ClaimAnswer answer, Claim? claim) => answer switch
    {
        ClaimAnswer.Run { Hold: ("new", 1) } => "new",
        ClaimAnswer.Run run when run.Hold == new ClaimHold("old", claim!.Revision + 1) => "same",
        ClaimAnswer.Look look when look.Hold == claim!.Hold => "look",
        ClaimAnswer.Wait wait => string.Create(CultureInfo.InvariantCulture, $"wait {wait.RetryAfter.TotalSeconds}"),
        ClaimAnswer.OtherBody => "other body",
        _ => answer.ToString(),
    };
}
