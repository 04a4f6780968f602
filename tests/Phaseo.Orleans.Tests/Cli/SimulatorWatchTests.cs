using System.Text;
using CsCheck;
using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class SimulatorWatchTests
{
    private const string Marked = """{"custom_id":"a","response":{"body":{"system_fingerprint":"phaseo-simulator","id":"x"}}}""";

    [Fact]
    public void The_mark_is_found_however_the_bytes_are_cut() =>
        Gen.Int[1, 20].Array[1, 40].Sample(cuts => Assert.True(Watch(Marked, cuts)));

    [Fact]
    public void Text_about_the_mark_is_not_the_mark() =>
        Assert.False(Watch("""{"content":"\"system_fingerprint\":\"phaseo-simulator\""}""", [7]));

    private static bool Watch(string text, int[] cuts)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var target = new MemoryStream();
        using var watch = new SimulatorWatch(target);
        for (var (at, cut) = (0, 0); at < bytes.Length; cut++)
        {
            var length = Math.Min(cuts[cut % cuts.Length], bytes.Length - at);
            watch.Write(bytes, at, length);
            at += length;
        }

        Assert.Equal(bytes, target.ToArray());
        return watch.Found;
    }
}
