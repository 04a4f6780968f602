using System.Net;
using CsCheck;
using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class RetryPolicyTests
{
    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, null, true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null, true)]
    [InlineData(HttpStatusCode.BadGateway, null, true)]
    [InlineData(HttpStatusCode.GatewayTimeout, null, true)]
    [InlineData(HttpStatusCode.InternalServerError, null, false)]
    [InlineData(HttpStatusCode.NotImplemented, null, false)]
    [InlineData(HttpStatusCode.NotFound, null, false)]
    [InlineData(HttpStatusCode.Conflict, "batch_not_cancellable", false)]
    [InlineData(HttpStatusCode.Conflict, "request_in_progress", true)]
    public void Only_what_passes_by_itself_is_tried_again(HttpStatusCode status, string? code, bool again) =>
        Assert.Equal(again, RetryPolicy.IsTransient(status, code));

    [Fact]
    public void A_server_never_heard_of_is_given_up_soon()
    {
        Assert.NotNull(RetryPolicy.NextDelay(2, inContact: false, null, 1));
        Assert.Null(RetryPolicy.NextDelay(3, inContact: false, null, 1));
        Assert.NotNull(RetryPolicy.NextDelay(11, inContact: true, null, 1));
        Assert.Null(RetryPolicy.NextDelay(12, inContact: true, null, 1));
    }

    [Fact]
    public void What_the_server_asks_for_is_kept_up_to_five_minutes()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), RetryPolicy.NextDelay(1, true, TimeSpan.FromSeconds(90), 0));
        Assert.Null(RetryPolicy.NextDelay(1, true, TimeSpan.FromMinutes(6), 0));
    }

    [Fact]
    public void A_date_that_has_passed_means_our_own_delay() =>
        Assert.Equal(TimeSpan.FromMilliseconds(250), RetryPolicy.NextDelay(1, true, TimeSpan.FromSeconds(-20), 1));

    [Fact]
    public void Delays_stay_between_an_eighth_of_a_second_and_half_a_minute() =>
        Gen.Select(Gen.Int[1, 11], Gen.Double[0, 1]).Sample((attempt, random) =>
        {
            var delay = RetryPolicy.NextDelay(attempt, true, null, random)!.Value.TotalSeconds;

            Assert.InRange(delay, 0.125, 30);
        });
}
