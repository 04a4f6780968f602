using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(9.94, "9.9 s")]
    [InlineData(9.96, "10 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.6, "1:00")]
    [InlineData(187, "3:07")]
    [InlineData(3599.6, "1:00:00")]
    [InlineData(3723, "1:02:03")]
    [InlineData(90_000, "25:00:00")]
    public void Durations_get_coarser_as_they_grow(double seconds, string text) =>
        Assert.Equal(text, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "$0.00")]
    [InlineData(1_234, "$0.000001")]
    [InlineData(12_345_678, "$0.0123")]
    [InlineData(999_940_000, "$0.9999")]
    [InlineData(1_000_000_000, "$1.00")]
    [InlineData(1_234_567_890_000, "$1,234.57")]
    public void Small_costs_show_more_decimals(long nanos, string text) => Assert.Equal(text, Format.Cost(nanos));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(209_715_200, "200 MiB")]
    public void Bytes_use_binary_units(long bytes, string text) => Assert.Equal(text, Format.Bytes(bytes));

    [Theory]
    [InlineData(0.04, "0.0 rows/s")]
    [InlineData(9.94, "9.9 rows/s")]
    [InlineData(1234.5, "1,234 rows/s")]
    public void Rates_below_ten_have_a_decimal(double rate, string text) => Assert.Equal(text, Format.Rate(rate));
}
