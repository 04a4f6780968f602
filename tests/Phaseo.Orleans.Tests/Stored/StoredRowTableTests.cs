using System.Buffers;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>The table of rows, which is kept as long as the batch.</summary>
public sealed class StoredRowTableTests
{
    private static readonly RowTableHeader Header = new(2, 500, 111, 1_000, 200);

    [Fact]
    public void Shard_of_the_table_is_stored_and_read_as_the_golden_has_it()
    {
        var output = new ArrayBufferWriter<byte>();
        RowTable.WriteHeader(output, Header);
        RowTable.WriteRow(
            output,
            502,
            1_000,
            new RowResult(500, ResultFile.Output, 200, 2, 1_234_567_890, false, "openai", "openai/gpt-5-mini", "", FullBatch.Usage),
            "\"row-1\""u8);
        RowTable.WriteRow(
            output, 504, 200, new RowResult(501, ResultFile.Errors, 0, 8, 0, false, "", "", "batch_expired", default), "\"Zoë\""u8);
        StoredHex.Check("row_table", output.WrittenSpan);

        foreach (var table in StoredHex.ReadAll("row_table"))
        {
            var rows = table.AsSpan(RowTable.HeaderSize);
            var position = 0;
            var first = RowTable.ReadRow(rows, 500, ref position);
            var second = RowTable.ReadRow(rows, 501, ref position);

            Assert.Equal(Header, RowTable.ReadHeader(table));
            Assert.Equal(Header.Length, position);
            Assert.Equal(
                new(500, 502, 1_000, ResultFile.Output, 200, 2, 1_234_567_890, "\"row-1\"", "openai/gpt-5-mini", "openai", ""), first);
            Assert.Equal(new(501, 504, 200, ResultFile.Errors, 0, 8, 0, "\"Zoë\"", "", "", "batch_expired"), second);
            Assert.Equal(rows.Length, position);
        }
    }
}
