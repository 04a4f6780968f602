using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Tests.Http;

public sealed class ShownTests
{
    [Theory]
    [InlineData("input.jsonl", "input.jsonl")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\me\\rows.jsonl", "rows.jsonl")]
    [InlineData("a\r\nx-evil: 1", "ax-evil: 1")]
    [InlineData("a\0b\u0007", "ab")]
    [InlineData("\u202Elnosj.exe", "lnosj.exe")]
    [InlineData("..", "file")]
    [InlineData("dir/", "file")]
    [InlineData("  ", "file")]
    [InlineData("", "file")]
    [InlineData("データ.jsonl", "データ.jsonl")]
    public void A_file_name_is_made_fit_to_be_shown(string given, string shown) => Assert.Equal(shown, Shown.FileName(given));

    [Fact]
    public void A_file_name_is_cut_without_splitting_a_character()
    {
        var shown = Shown.FileName(string.Concat(Enumerable.Repeat("\U0001F600", 200)));

        Assert.Equal(254, shown.Length);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("a\uFFFDb", Shown.FileName("a\ud800b"));
}
