using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class EngineTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(2_345)]
    public async Task A_batch_ends_with_every_row_in_its_output_in_input_order(int rows)
    {
        await using var silo = await EngineSilo.StartAsync(EngineSilo.SimulatorCatalog);

        var id = await silo.SubmitAsync(EngineSilo.Rows(rows));
        var batch = await silo.UntilTerminalAsync(id);

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal((rows, rows, 0), (batch.Total, batch.Completed, batch.Failed));
        var lines = await silo.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id));
        Assert.Equal(
            Enumerable.Range(0, rows).Select(row => $"row-{row}"),
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("custom_id").GetString()));
        Assert.NotNull(batch.OutputFileId);
        Assert.Null(batch.ErrorFileId);
    }
}
