using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class RetryAdviceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData(" 120 ", 120)]
    [InlineData("3600", 3600)]
    [InlineData("Tue, 24 Nov 2026 12:00:30 GMT", 30)]
    [InlineData("Tue, 24 Nov 2026 13:00:00 GMT", 3600)]
    public void Seconds_and_dates_up_to_the_limit_are_followed(string value, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RetryAdvice.Read(value, Now, TimeSpan.FromHours(1)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("3601")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("1, 2")]
    [InlineData("Tue, 24 Nov 2026 11:59:59 GMT")]
    [InlineData("Tue, 24 Nov 2026 13:00:01 GMT")]
    [InlineData("Mon, 24 Nov 2026 12:00:30 GMT")]
    [InlineData("2026-11-24T12:00:30Z")]
    public void All_else_is_no_advice(string? value) => Assert.Null(RetryAdvice.Read(value, Now, TimeSpan.FromHours(1)));
}
