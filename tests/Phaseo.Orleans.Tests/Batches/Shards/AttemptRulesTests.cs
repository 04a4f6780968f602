using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class AttemptRulesTests
{
    // Whether another offer is left in the round (next), none but another round (round), or nothing (last).
    private const string Table = """
        failure            next         round        last
        RateLimited        NextOffer    NextRound    GiveUp
        Overloaded         NextOffer    NextRound    GiveUp
        Unreachable        NextOffer    NextRound    GiveUp
        TimedOut           NextOffer    NextRound    GiveUp
        OperatorFault      NextOffer    NextRound    GiveUp
        Refused            KeepAnswer   KeepAnswer   KeepAnswer
        Truncated          SameOffer    SameOffer    SameOffer
        InvalidResponse    EndInvalid   EndInvalid   EndInvalid
        """;

    public static TheoryData<string, string, string> Cells => TextTable.Cells(Table);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Failure_has_its_step(string failure, string left, string step) => Assert.Equal(
        Enum.Parse<RowStep>(step),
        AttemptRules.After(
            new(Enum.Parse<FailureKind>(failure)), retriedTruncated: false, hasNextOffer: left == "next", left == "last" ? 7 : 6, maxRounds: 8));

    [Fact]
    public void Second_truncated_answer_ends_the_row() => Assert.Equal(
        RowStep.EndInvalid, AttemptRules.After(new(FailureKind.Truncated), retriedTruncated: true, hasNextOffer: true, 0, 8));

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(3, 2, 4)]
    [InlineData(6, 16, 32)]
    [InlineData(7, 30, 60)]
    [InlineData(100, 30, 60)]
    public void Wait_doubles_up_to_a_minute_and_half_of_it_is_jitter(int rounds, double least, double most)
    {
        var options = new BatchOptions();

        Assert.Equal(TimeSpan.FromSeconds(least), AttemptRules.Delay(options, rounds, null, random: 0));
        Assert.Equal(TimeSpan.FromSeconds(most), AttemptRules.Delay(options, rounds, null, random: 1));
    }

    [Theory]
    [InlineData(3600, 3600)]
    [InlineData(1, 1)]
    [InlineData(0.1, 0.5)]
    public void Time_that_was_asked_for_counts_where_it_is_more(double asked, double wait) => Assert.Equal(
        TimeSpan.FromSeconds(wait), AttemptRules.Delay(new(), 1, TimeSpan.FromSeconds(asked), random: 0));
}
