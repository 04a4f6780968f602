using System.Text;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Silo.Wire;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class BatchMapTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly BatchView Fresh = new()
    {
        Id = "batch_01hzy0000000000000000000aa",
        Workspace = "default",
        Version = 1,
        Status = BatchStatus.Validating,
        Request = new()
        {
            InputFileId = "file-01hzy0000000000000000000aa",
            Endpoint = "/v1/chat/completions",
            CompletionWindow = "24h",
            Window = TimeSpan.FromHours(24),
        },
        RequestId = "req_01hzy0000000000000000000aa",
        CreatedAt = Start,
        ExpiresAt = Start.AddHours(24),
    };

    [Fact]
    public void A_fresh_batch_has_every_field_and_nulls_for_what_is_not_there() => Golden.Check("batch_validating", Json(Fresh));

    [Fact]
    public void A_completed_batch_has_times_files_counts_and_usage() => Golden.Check("batch_completed", Json(Fresh with
    {
        Version = 9,
        Status = BatchStatus.Completed,
        Request = Fresh.Request with
        {
            Metadata = [new("zeta", "letzte – zuerst"), new("alpha", "<\"é\">")],
            SessionId = "session-1",
        },
        Model = "openai/gpt-5-mini",
        Provider = "openai",
        OutputFileId = "file-01hzy0000000000000000000bb",
        ErrorFileId = "file-01hzy0000000000000000000cc",
        Total = 3,
        Completed = 2,
        Failed = 1,
        Usage = new() { InputTokens = 100, CachedInputTokens = 40, OutputTokens = 30, ReasoningTokens = 10 },
        InProgressAt = Start.AddSeconds(1),
        FinalizingAt = Start.AddSeconds(2),
        CompletedAt = Start.AddSeconds(3),
    }));

    [Fact]
    public void A_failed_batch_lists_its_faults_and_no_counts() => Golden.Check("batch_failed", Json(Fresh with
    {
        Version = 2,
        Status = BatchStatus.Failed,
        Errors =
        [
            new LineFault("invalid_json_line", "This line is not valid JSON.", null, 2),
            new LineFault("empty_file", "The file has no rows.", null, null),
        ],
        FailedAt = Start.AddSeconds(1),
    }));

    [Theory]
    [InlineData(BatchStatus.Validating, "pending", true)]
    [InlineData(BatchStatus.InProgress, "running", true)]
    [InlineData(BatchStatus.Finalizing, "running", true)]
    [InlineData(BatchStatus.Cancelling, "running", false)]
    [InlineData(BatchStatus.Completed, "completed", false)]
    [InlineData(BatchStatus.Failed, "failed", false)]
    [InlineData(BatchStatus.Expired, "expired", false)]
    [InlineData(BatchStatus.Cancelled, "cancelled", false)]
    public void A_status_has_a_lifecycle_word_and_a_cancel_url_while_it_can_be_cancelled(
        BatchStatus status, string lifecycle, bool canCancel)
    {
        var batch = BatchMap.From(Fresh with { Status = status });

        Assert.Equal(lifecycle, batch.LifecycleStatus);
        Assert.Equal(canCancel ? $"/v1/batches/{Fresh.Id}/cancel" : null, batch.CancelUrl);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(3, 0, 1, 33)]
    [InlineData(1_000_000, 999_998, 1, 99)]
    [InlineData(1_000_000, 1, 999_999, 100)]
    public void Progress_is_the_share_of_ended_rows_rounded_down(int total, int completed, int failed, int percent)
    {
        var batch = BatchMap.From(Fresh with { Status = BatchStatus.InProgress, Total = total, Completed = completed, Failed = failed });

        Assert.Equal(percent, batch.Progress);
    }

    [Fact]
    public void The_bytes_of_a_version_are_made_once_and_those_of_the_next_anew()
    {
        var bytes = new BatchBytes();

        var first = bytes.Of(Fresh);
        var again = bytes.Of(Fresh with { });
        var next = bytes.Of(Fresh with { Version = 2, Status = BatchStatus.InProgress });

        Assert.True(first.Equals(again));
        Assert.Contains("\"status\":\"in_progress\"", Encoding.UTF8.GetString(next.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Old_bytes_are_forgotten_and_made_again_the_same()
    {
        var bytes = new BatchBytes();
        var first = bytes.Of(Fresh);

        for (var i = 0; i < 5000; i++)
        {
            bytes.Of(Fresh with { Id = $"batch_{i}" });
        }

        var again = bytes.Of(Fresh);
        Assert.False(first.Equals(again));
        Assert.True(first.Span.SequenceEqual(again.Span));
    }

    private static string Json(BatchView batch) => JsonSerializer.Serialize(BatchMap.From(batch), WireFormat.Options);
}
