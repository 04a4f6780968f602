using System.Text;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class ShardReaderTests
{
    [Fact]
    public void Blank_lines_have_a_number_and_no_row()
    {
        var shard = Encoding.UTF8.GetBytes("{1}\n\n  \t\r\n{2}\r\n{3}");

        var rows = ShardReader.Read(shard, new ShardSlice(100, shard.Length, FirstRow: 500, Rows: 3, FirstLine: 900));

        Assert.Equal([(500, 900, "{1}"), (501, 903, "{2}"), (502, 904, "{3}")], rows.Select(Tuple));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped_at_the_start_of_the_file_only()
    {
        byte[] shard = [.. Lines.ByteOrderMark, .. "{1}\n"u8, .. Lines.ByteOrderMark, .. "{2}\n"u8];

        var atStart = ShardReader.Read(shard, new ShardSlice(0, shard.Length, 0, 2, 1));
        var later = ShardReader.Read(shard, new ShardSlice(10, shard.Length, 5, 2, 6));

        Assert.Equal(["{1}", "\uFEFF{2}"], atStart.Select(row => Encoding.UTF8.GetString(row.Bytes.Span)));
        Assert.Equal(["\uFEFF{1}", "\uFEFF{2}"], later.Select(row => Encoding.UTF8.GetString(row.Bytes.Span)));
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(1, 8)]
    [InlineData(2, 9)]
    public void Bytes_that_do_not_hold_what_validation_saw_are_refused(int rows, int length)
    {
        var shard = "{1}\n{2}\n"u8.ToArray();

        Assert.Throws<InvalidDataException>(() => ShardReader.Read(shard, new ShardSlice(0, length, 0, rows, 1)));
    }

    [Fact]
    public void Rows_are_the_lines_that_are_not_blank() => Gen.OneOf("", " ", "\t\r", "{1}", "{ 2 }", "\r{3}", "{4}\r")
        .Array[0, 20].Select(Gen.Bool, Gen.OneOf("\n", "\r\n")).Sample((lines, isLastEnded, end) =>
        {
            var text = string.Join(end, lines) + (isLastEnded ? end : "");
            var expected = text.Split('\n')
                .Select((line, i) => (Line: i + 7, Text: line.EndsWith('\r') ? line[..^1] : line))
                .Where(line => line.Text.Trim(' ', '\t', '\r').Length > 0)
                .Select((line, i) => (i + 3, line.Line, line.Text))
                .ToArray();
            var bytes = Encoding.UTF8.GetBytes(text);

            var rows = ShardReader.Read(bytes, new ShardSlice(1, bytes.Length, 3, expected.Length, 7));

            Assert.Equal(expected, rows.Select(Tuple));
        });

    private static (int, int, string) Tuple(ShardRow row) => (row.Row, row.Line, Encoding.UTF8.GetString(row.Bytes.Span));
}
