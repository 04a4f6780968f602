using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Tests.Http;

public sealed class CompletionWindowTests
{
    [Theory]
    [InlineData("1m", 1)]
    [InlineData("90m", 90)]
    [InlineData("24h", 1440)]
    [InlineData("720h", 43_200)]
    [InlineData("43200m", 43_200)]
    [InlineData("30d", 43_200)]
    public void A_number_and_a_unit_is_a_window(string text, int minutes)
    {
        Assert.True(CompletionWindow.TryParse(text, out var window));
        Assert.Equal(TimeSpan.FromMinutes(minutes), window);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("24")]
    [InlineData("0m")]
    [InlineData("-1h")]
    [InlineData("+1h")]
    [InlineData("1.5h")]
    [InlineData(" 1h")]
    [InlineData("1 h")]
    [InlineData("1H")]
    [InlineData("60s")]
    [InlineData("43201m")]
    [InlineData("721h")]
    [InlineData("31d")]
    [InlineData("99999d")]
    [InlineData("123456789012345678901234567890h")]
    [InlineData("٣h")]
    public void Anything_else_is_none(string text) => Assert.False(CompletionWindow.TryParse(text, out _));
}
