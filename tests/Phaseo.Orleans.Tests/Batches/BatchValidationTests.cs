using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class BatchValidationTests(BatchValidationTests.Silo silo) : IClassFixture<BatchValidationTests.Silo>
{
    private const int Rows = 1_100;

    [Theory]
    [InlineData(20_000, "500 500 100")]
    [InlineData(1_000_000, "1000 100")]
    public async Task Shards_are_as_large_as_the_file_wants_them(long lines, string rowsOfShards)
    {
        var state = await silo.StateAsync(lines);

        var found = Assert.IsType<BatchEvent.Validated>(
            await silo.Engine.Services.GetRequiredService<BatchValidation>().ValidateAsync(state, CancellationToken.None));

        var plan = await silo.Engine.Services.GetRequiredService<BatchServices>().WorkFiles.ReadPlanAsync(found.PlanFile!, CancellationToken.None);
        Assert.Equal(rowsOfShards, string.Join(' ', plan.Select(shard => shard.Rows)));
    }

    /// <summary>A silo that takes a million rows.</summary>
    public sealed class Silo : IAsyncLifetime
    {
        public EngineSilo Engine { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Engine = await EngineSilo.StartAsync(
            EngineSilo.SimulatorCatalog, builder => builder.Configure<BatchOptions>(options => options.MaxRows = 1_000_000));

        public ValueTask DisposeAsync() => Engine.DisposeAsync();

        /// <summary>A batch whose file is said to have so many lines.</summary>
        internal async Task<BatchState> StateAsync(long lines)
        {
            var submission = BatchScenes.Submission with { InputBlob = $"ws/files/file-{lines}", InputLines = lines };
            await Engine.Blobs.PutAsync(submission.InputBlob, System.Text.Encoding.UTF8.GetBytes(EngineSilo.Rows(Rows)), CancellationToken.None);
            return BatchScenes.Validating with { Submission = submission };
        }
    }
}
