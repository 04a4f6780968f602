using CsCheck;
using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class RateMeterTests
{
    [Fact]
    public void One_sample_gives_no_rate_and_no_estimate()
    {
        var meter = new RateMeter(TimeSpan.FromSeconds(10));

        meter.Add(TimeSpan.FromSeconds(5), 100);

        Assert.Null(meter.PerSecond);
        Assert.Null(meter.TimeFor(50));
    }

    [Fact]
    public void Rows_done_before_the_first_look_do_not_count()
    {
        var meter = new RateMeter(TimeSpan.FromSeconds(10));

        meter.Add(TimeSpan.Zero, 40_000);
        meter.Add(TimeSpan.FromSeconds(2), 40_100);

        Assert.Equal(50, meter.PerSecond);
        Assert.Equal(TimeSpan.FromSeconds(4), meter.TimeFor(200));
    }

    [Fact]
    public void The_rate_follows_a_provider_that_slows_down()
    {
        var meter = new RateMeter(TimeSpan.FromSeconds(10));

        meter.Add(TimeSpan.Zero, 0);
        for (var second = 1; second <= 20; second++)
        {
            meter.Add(TimeSpan.FromSeconds(second), second * 1000);
        }

        for (var second = 21; second <= 31; second++)
        {
            meter.Add(TimeSpan.FromSeconds(second), 20_000 + ((second - 20) * 10));
        }

        Assert.Equal(10, meter.PerSecond!.Value, 3);
    }

    [Fact]
    public void Standing_still_has_no_estimate()
    {
        var meter = new RateMeter(TimeSpan.FromSeconds(10));

        meter.Add(TimeSpan.Zero, 7);
        meter.Add(TimeSpan.FromSeconds(1), 7);

        Assert.Equal(0, meter.PerSecond);
        Assert.Null(meter.TimeFor(1));
        Assert.Equal(TimeSpan.Zero, meter.TimeFor(0));
    }

    [Fact]
    public void An_estimate_beyond_a_year_is_none()
    {
        var meter = new RateMeter(TimeSpan.FromSeconds(10));

        meter.Add(TimeSpan.Zero, 0);
        meter.Add(TimeSpan.FromSeconds(10), 1);

        Assert.Null(meter.TimeFor(long.MaxValue));
    }

    [Fact]
    public void Whatever_is_sampled_the_rate_is_never_negative_and_never_above_the_fastest_step() =>
        Gen.Select(Gen.Double[0.01, 30], Gen.Int[-50, 500]).Array[1, 60].Sample(steps =>
        {
            var meter = new RateMeter(TimeSpan.FromSeconds(15));
            var (at, done, fastest) = (TimeSpan.Zero, 1000L, 0.0);
            meter.Add(at, done);
            var highest = done;
            foreach (var (seconds, more) in steps)
            {
                at += TimeSpan.FromSeconds(seconds);
                done += more;
                fastest = Math.Max(fastest, Math.Max(0, done - highest) / TimeSpan.FromSeconds(seconds).TotalSeconds);
                highest = Math.Max(highest, done);
                meter.Add(at, done);

                Assert.InRange(meter.PerSecond!.Value, 0, fastest * 1.000001);
            }
        });
}
