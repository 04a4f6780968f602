using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using CsCheck;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Tests.Billing;

public sealed class PriceTableTests
{
    // Prices (per million unless /unit), readings, and the cost in nanos ("-": the row has no price).
    [Theory]
    [InlineData("in=0.25 out=2", "in=1000 out=500 req=1", "1250000")]
    [InlineData("in=0.25 out=2", "in=0 out=0 req=1", "0")]
    [InlineData("in=0.25", "in=10 out=0 req=1", "2500")]
    [InlineData("in=0.25", "in=10 out=1 req=1", "-")]
    [InlineData("out=2", "in=10 out=1 req=1", "-")]
    [InlineData("", "in=10 req=1", "-")]
    [InlineData("in=0 out=0", "in=10 out=10 req=1", "0")]
    // Parts leave their total only with a price of their own.
    [InlineData("in=1 out=4", "in=100 cached=40 out=10 reasoning=6 req=1", "140000")]
    [InlineData("in=1 cached=0.1 out=4", "in=100 cached=40 out=10 req=1", "104000")]
    [InlineData("in=1 cached=0.1 write=1.25 out=4", "in=100 cached=40 write=20 out=10 req=1", "109000")]
    [InlineData("in=1 out=4 reasoning=8", "in=0 out=10 reasoning=6 req=1", "64000")]
    [InlineData("in=1 cached=0 out=4", "in=100 cached=100 out=0 req=1", "0")]
    // A part above its total is billed as the total.
    [InlineData("in=1 cached=0.1 write=2 out=4", "in=100 cached=150 write=50 out=0 req=1", "10000")]
    // Each meter is rounded half up by itself: 0.5 and 0.5 nanos are two, 0.4999 and 0.4999 none.
    [InlineData("in=0.0005 out=0.0005", "in=1 out=1 req=1", "2")]
    [InlineData("in=0.000499999999 out=0.000499999999", "in=1 out=1 req=1", "0")]
    [InlineData("in=0.001/3", "in=1 req=1", "333333")]
    [InlineData("in=0.002/3", "in=1 req=1", "666667")]
    // A fee for the whole row.
    [InlineData("image=0.04/1", "in=20 image=2 req=1", "80000000")]
    [InlineData("req=0.001/1", "in=20 out=20 req=1", "1000000")]
    [InlineData("in=1 req=0.001/1", "in=20 req=1", "1020000")]
    [InlineData("minute=0.006/1", "minute=3 req=1", "18000000")]
    [InlineData("image=0.04/1", "in=20 req=1", "-")]
    // Readings that cannot be.
    [InlineData("in=1 out=1", "in=-1 out=5 req=1", "-")]
    [InlineData("in=1000000/1 out=1", "in=9223372036854775807 req=1", "-")]
    [InlineData("in=0.000000000001/1 out=1", "in=9223372036854775807 req=1", "9223372036854776")]
    public void Rows_cost_what_their_meters_say(string prices, string readings, string nanos)
    {
        var cost = Prices(prices).CostNanos(Readings(readings), PricePlan.Standard);

        Assert.Equal(nanos, cost?.ToString(CultureInfo.InvariantCulture) ?? "-");
    }

    [Fact]
    public void A_row_that_says_nothing_of_its_usage_has_no_price()
    {
        Assert.Null(Prices("in=1 out=1").CostNanos((Meters?)null, PricePlan.Standard));
    }

    [Fact]
    public void The_batch_plan_falls_back_to_the_standard_one_meter_by_meter()
    {
        var table = new PriceTable(
            [.. Prices("in=1 out=4").Rules, new PriceRule(Meter.InputTokens, 1_000_000, 0.5m, PricePlan.Batch)]);
        var row = Readings("in=1000 out=1000 req=1");

        Assert.Equal(5_000_000, table.CostNanos(in row, PricePlan.Standard));
        Assert.Equal(4_500_000, table.CostNanos(in row, PricePlan.Batch));
    }

    [Fact]
    public void A_batch_price_is_never_used_for_a_relayed_row()
    {
        var table = new PriceTable([new PriceRule(Meter.InputTokens, 1_000_000, 0.5m, PricePlan.Batch)]);

        Assert.Null(table.CostNanos(Readings("in=1000 req=1"), PricePlan.Standard));
    }

    [Fact]
    public void The_cost_is_the_exact_sum_of_its_rounded_meters()
    {
        Gen.Select(GenPrice, GenPrice, GenPrice, GenPrice, GenReading, GenReading, Gen.Long[0, 1000], Gen.Long[0, 1000])
            .Sample((input, cached, output, reasoning, read, written, cachedPermille, reasonedPermille) =>
            {
                var rules = new List<PriceRule> { Rule(Meter.InputTokens, input), Rule(Meter.OutputTokens, output) };
                var cachedTokens = read * cachedPermille / 1000;
                var reasonedTokens = written * reasonedPermille / 1000;
                rules.Add(Rule(Meter.CachedInputTokens, cached));
                rules.Add(Rule(Meter.ReasoningTokens, reasoning));
                var row = new Meters
                {
                    InputTokens = read,
                    CachedInputTokens = cachedTokens,
                    OutputTokens = written,
                    ReasoningTokens = reasonedTokens,
                    Requests = 1,
                };

                var cost = new PriceTable([.. rules]).CostNanos(in row, PricePlan.Standard);

                var exact = HalfUp(input, read - cachedTokens) + HalfUp(cached, cachedTokens)
                    + HalfUp(output, written - reasonedTokens) + HalfUp(reasoning, reasonedTokens);
                Assert.Equal(exact, new BigInteger(cost!.Value));
            });
    }

    [Fact]
    public void More_of_anything_never_costs_less()
    {
        Gen.Select(GenPrice, GenPrice, GenReading, GenReading, Gen.Long[0, 1000]).Sample((input, output, read, written, more) =>
        {
            var table = new PriceTable([Rule(Meter.InputTokens, input), Rule(Meter.OutputTokens, output)]);
            var row = new Meters { InputTokens = read, OutputTokens = written, Requests = 1 };
            var larger = row with { InputTokens = read + more, OutputTokens = written + more };

            Assert.True(table.CostNanos(in row, PricePlan.Standard) <= table.CostNanos(in larger, PricePlan.Standard));
        });
    }

    private static readonly long[] Units = [1, 3, 7, 1_000, 1_000_000];

    private static readonly Gen<(long Picos, long Unit)> GenPrice =
        Gen.Select(Gen.Long[0, 100_000_000_000_000], Gen.Int[0, 4].Select(i => Units[i]))
            .Select((picos, unit) => (unit == 1 ? picos / 1_000_000 : picos, unit));

    private static readonly Gen<long> GenReading = Gen.OneOf(Gen.Long[0, 20], Gen.Long[0, 10_000_000]);

    private static PriceRule Rule(Meter meter, (long Picos, long Unit) price) =>
        new(meter, price.Unit, price.Picos / 1_000_000_000_000m, PricePlan.Standard);

    // floor(x + 1/2) in whole numbers, from the definition.
    private static BigInteger HalfUp((long Picos, long Unit) price, long quantity)
    {
        var twice = new BigInteger(price.Picos) * quantity * 2 + new BigInteger(price.Unit) * 1000;
        return twice / (new BigInteger(price.Unit) * 2000);
    }

    private static PriceTable Prices(string text) => new(Parts(text)
        .Select(part => (part.Name, Amount: part.Value.Split('/')))
        .Select(part => new PriceRule(
            MeterOf(part.Name),
            part.Amount.Length == 2 ? long.Parse(part.Amount[1], CultureInfo.InvariantCulture) : 1_000_000,
            decimal.Parse(part.Amount[0], CultureInfo.InvariantCulture),
            PricePlan.Standard))
        .ToImmutableArray());

    private static Meters Readings(string text) => Parts(text).Aggregate(
        default(Meters), (meters, part) => meters.With(MeterOf(part.Name), long.Parse(part.Value, CultureInfo.InvariantCulture)));

    private static IEnumerable<(string Name, string Value)> Parts(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).Select(part => (part[0], part[1]));

    private static Meter MeterOf(string name) => name switch
    {
        "in" => Meter.InputTokens,
        "cached" => Meter.CachedInputTokens,
        "write" => Meter.CacheWriteInputTokens,
        "out" => Meter.OutputTokens,
        "reasoning" => Meter.ReasoningTokens,
        "image" => Meter.Images,
        "minute" => Meter.AudioMinutes,
        "req" => Meter.Requests,
        _ => throw new ArgumentException(name),
    };
}
