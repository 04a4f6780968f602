using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ExitCodesTests
{
    [Theory]
    [InlineData("completed", 3, 3, 0, 0)]
    [InlineData("completed", 3, 2, 1, 2)]
    [InlineData("completed", 3, 0, 3, 2)]
    [InlineData("expired", 3, 1, 2, 2)]
    [InlineData("expired", 3, 3, 0, 0)]
    [InlineData("cancelled", 3, 1, 2, 2)]
    [InlineData("cancelled", 0, 0, 0, 1)]
    [InlineData("failed", 0, 0, 0, 1)]
    public void The_shell_learns_how_the_rows_fared(string status, int total, int completed, int failed, int code)
    {
        var batch = new BatchInfo { Id = "batch_1", Status = status, RequestCounts = new(total, completed, failed) };

        Assert.Equal(code, ExitCodes.Of(batch));
    }
}
