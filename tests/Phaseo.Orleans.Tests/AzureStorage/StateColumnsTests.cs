using System.Text;
using Azure.Data.Tables;
using CsCheck;
using Orleans.Storage;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class StateColumnsTests
{
    private const int MostBytes = 15 * 65_536;

    [Theory]
    [InlineData(1, "Data")]
    [InlineData(65_536, "Data")]
    [InlineData(65_537, "Data,Data1")]
    [InlineData(MostBytes, "Data,Data1,Data2,Data3,Data4,Data5,Data6,Data7,Data8,Data9,Data10,Data11,Data12,Data13,Data14")]
    public void Bytes_are_cut_into_columns_of_64_KiB(int size, string columns)
    {
        var row = new TableEntity();

        StateColumns.Write(row, BinaryData.FromBytes(new byte[size]), asText: false);

        Assert.Equal(columns, string.Join(',', row.Keys));
        Assert.All(row.Keys.SkipLast(1), column => Assert.Equal(65_536, row.GetBinary(column).Length));
    }

    [Fact]
    public void One_byte_more_than_15_columns_is_refused()
    {
        var state = BinaryData.FromBytes(new byte[MostBytes + 1]);

        Assert.Throws<ArgumentOutOfRangeException>(() => StateColumns.Write(new TableEntity(), state, asText: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => StateColumns.Write(new TableEntity(), state, asText: true));
    }

    [Fact]
    public void Text_is_cut_into_columns_of_32_Ki_characters()
    {
        var row = new TableEntity();

        StateColumns.Write(row, new BinaryData(new string('ü', 32_769)), asText: true);

        Assert.Equal(["StringData", "StringData1"], row.Keys);
        Assert.Equal(32_768, ((string)row["StringData"]).Length);
        Assert.Equal("ü", row["StringData1"]);
    }

    [Fact]
    public void Text_longer_than_15_columns_is_refused()
    {
        var most = new string('a', 15 * 32_768);
        StateColumns.Write(new TableEntity(), new BinaryData(most), asText: true);

        Assert.Throws<ArgumentOutOfRangeException>(() => StateColumns.Write(new TableEntity(), new BinaryData(most + "a"), asText: true));
    }

    [Fact]
    public void A_pair_of_surrogates_is_not_cut()
    {
        var row = new TableEntity();
        var text = new string('a', 32_767) + "😀" + new string('b', 40_000);

        StateColumns.Write(row, new BinaryData(text), asText: true);

        Assert.All(row.Keys, column =>
        {
            var value = row.GetString(column);
            Assert.Equal(value, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)));
        });
        Assert.Equal(text, StateColumns.Read(row)!.ToString());
    }

    [Fact]
    public void What_was_written_is_read() =>
        Gen.Select(Gen.Byte.Array[1, 200_000], Gen.Bool).Sample(
            (bytes, asText) =>
            {
                var state = asText ? Encoding.UTF8.GetBytes(Convert.ToBase64String(bytes)) : bytes;
                var row = new TableEntity();
                StateColumns.Write(row, BinaryData.FromBytes(state), asText);
                return StateColumns.Read(row)!.ToMemory().Span.SequenceEqual(state);
            },
            iter: 50);

    [Fact]
    public void Bytes_that_a_tool_copied_as_base64_are_read()
    {
        var row = new TableEntity { ["Data"] = Convert.ToBase64String("ab"u8), ["Data1"] = "c"u8.ToArray() };

        Assert.Equal("abc", StateColumns.Read(row)!.ToString());
    }

    [Fact]
    public void Bytes_come_before_text()
    {
        var row = new TableEntity { ["Data"] = "bytes"u8.ToArray(), ["StringData"] = "text" };

        Assert.Equal("bytes", StateColumns.Read(row)!.ToString());
    }

    [Fact]
    public void A_row_without_columns_or_with_empty_ones_holds_no_state()
    {
        Assert.Null(StateColumns.Read(new TableEntity("p", "r")));
        Assert.Null(StateColumns.Read(new TableEntity { ["Data"] = Array.Empty<byte>(), ["StringData"] = "" }));
    }
}
