using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class CancelTests
{
    [Fact]
    public async Task A_cancelled_batch_keeps_what_was_done_and_accounts_for_every_row()
    {
        var slow = EngineSilo.SimulatorCatalog.Replace("\"latency_ms\":0", "\"latency_ms\":100", StringComparison.Ordinal);
        await using var silo = await EngineSilo.StartAsync(slow);
        var id = await silo.SubmitAsync(EngineSilo.Rows(4_000));
        await silo.UntilAsync(id, batch => batch.Completed > 0);

        var answer = await silo.Batch(id).CancelAsync();
        var batch = await silo.UntilTerminalAsync(id);

        Assert.Equal(CancelOutcome.Accepted, answer.Outcome);
        Assert.Equal(BatchStatus.Cancelled, batch.Status);
        Assert.Equal(4_000, batch.Completed + batch.Failed);
        var good = await silo.LinesAsync(BlobNames.Output(EngineSilo.Workspace, id));
        var bad = await silo.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, id));
        Assert.Equal((batch.Completed, batch.Failed), (good.Length, bad.Length));
        Assert.All(bad, line => Assert.Contains("batch_cancelled", line, StringComparison.Ordinal));
    }
}
