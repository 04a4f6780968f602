using System.Text.Json.Serialization.Metadata;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>The row of a batch's state, and its row in lists.</summary>
public sealed class StoredBatchTests
{
    private static readonly JsonTypeInfo<BatchState> State = (JsonTypeInfo<BatchState>)GrainStateJson.Options.GetTypeInfo(typeof(BatchState));

    [Theory]
    [InlineData("Validating")]
    [InlineData("InProgress")]
    [InlineData("Cancelling")]
    [InlineData("CancellingAll")]
    [InlineData("Finalizing")]
    [InlineData("FinalizingAll")]
    [InlineData("Completed")]
    [InlineData("CompletedTold")]
    [InlineData("Failed")]
    [InlineData("Expired")]
    [InlineData("Cancelled")]
    [InlineData("Abandoned")]
    public void State_is_stored_and_read_as_the_golden_has_it(string scene) =>
        StoredJson.Check($"batch_state.{scene}", FullBatch.Of(scene), State);

    [Fact]
    public void State_with_every_field_is_stored_and_read_as_the_golden_has_it() =>
        StoredJson.Check("batch_state", FullBatch.State, State);

    [Fact]
    public void Golden_of_the_state_shows_every_field() =>
        Assert.Empty(StoredFields.NeverSet(GrainStateJson.Options, FullBatch.State));

    [Fact]
    public void Every_status_and_every_act_has_its_name()
    {
        Assert.Equal(
            "None Validating InProgress Finalizing Completed Failed Expired Cancelling Cancelled Abandoned",
            string.Join(' ', Enum.GetNames<BatchStatus>()));
        Assert.Equal("None Index Reference Journals", string.Join(' ', Enum.GetNames<OutboxAct>()));
    }

    [Fact]
    public void Row_in_lists_is_stored_and_read_as_the_golden_has_it() =>
        StoredJson.Check("batch_view", View, BatchSnapshotJson.Default.BatchView);

    [Fact]
    public void Golden_of_the_row_in_lists_shows_every_field() =>
        Assert.Empty(StoredFields.NeverSet(BatchSnapshotJson.Default.Options, View));

    // No batch is ever like this; it shows each field once.
    private static BatchView View => new()
    {
        Id = FullBatch.State.Id,
        Workspace = "ws",
        Version = 7,
        Status = BatchStatus.Cancelled,
        Request = FullBatch.Submission.Request,
        RequestId = "req_1",
        Model = "sim/echo",
        Provider = "openai",
        Errors = [new("invalid_json_line", "This line is not valid JSON.", "body", 3)],
        OutputFileId = "file-out",
        ErrorFileId = "file-err",
        Total = 500,
        Completed = 498,
        Failed = 2,
        Usage = FullBatch.Usage,
        CostNanos = 1_234_567_890,
        CreatedAt = Batches.BatchScenes.At(0),
        ExpiresAt = Batches.BatchScenes.At(86400),
        InProgressAt = Batches.BatchScenes.At(1),
        FinalizingAt = Batches.BatchScenes.At(2),
        CompletedAt = Batches.BatchScenes.At(3),
        FailedAt = Batches.BatchScenes.At(4),
        ExpiredAt = Batches.BatchScenes.At(5),
        CancellingAt = Batches.BatchScenes.At(6),
        CancelledAt = Batches.BatchScenes.At(7),
    };
}
