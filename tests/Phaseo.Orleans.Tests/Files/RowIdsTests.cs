using System.Text;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class RowIdsTests
{
    private const string Batch = "batch_01k9ag7v3qj8d5t6w4x2y1z0ab";

    /// <summary>Ids are in clients' files and upstreams' idempotency keys: they may never change.</summary>
    [Theory]
    [InlineData(0, "batch_req_8f1d3511400b850517626a9c31e483ec")]
    [InlineData(1, "batch_req_ddeccf583766a88e5c7445357f0fbc23")]
    [InlineData(999_999, "batch_req_5147f0a249bc72d2d949d3336f23b796")]
    public void An_id_is_a_pure_function_of_batch_and_row(int row, string id)
    {
        Assert.Equal(id, RowIds.Of(Batch, row));
    }

    [Fact]
    public void Both_forms_give_the_same_id() => Gen.Select(Gen.String[Gen.Char['!', '~'], 1, 64], Gen.Int.NonNegative).Sample((batch, row) =>
    {
        var bytes = new byte[RowIds.Length];

        RowIds.Write(bytes, Encoding.UTF8.GetBytes(batch), row);

        Assert.Equal(RowIds.Of(batch, row), Encoding.ASCII.GetString(bytes));
        Assert.Matches("^batch_req_[0-9a-f]{32}$", RowIds.Of(batch, row));
    });

    [Fact]
    public void Rows_of_one_batch_have_different_ids()
    {
        var ids = Enumerable.Range(0, 10_000).Select(row => RowIds.Of(Batch, row));

        Assert.Equal(10_000, ids.Distinct().Count());
    }
}
