using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Tests.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>A frame with each kind of record, byte by byte.</summary>
public sealed class StoredJournalTests
{
    private static readonly Guid Activation = new("01234567-89ab-cdef-0123-456789abcdef");
    private static readonly byte[] Line = Encoding.UTF8.GetBytes("""{"id":"batch_req_1","custom_id":"row-1"}""" + "\n");
    private static readonly byte[] Name = Encoding.ASCII.GetBytes("ws/batch/work/line");

    private static readonly RowResult Good = new(
        7, ResultFile.Output, 200, 2, 1_234_567_890, false, "openai", "openai/gpt-5-mini", "", FullBatch.Usage);

    private static readonly RowResult Bad = new(
        8, ResultFile.Errors, 0, 8, 0, true, "", "", "provider_unavailable", new() { Requests = 1 });

    private static readonly RowAttempt Wait = new(9, 3, 1, BatchScenes.At(60), Bad with { Row = 9, StatusCode = 503 });

    [Fact]
    public void Fence() => Check("fence", writer => writer.Fence(), JournalRecordKind.Fence, reader => 0, 0);

    [Fact]
    public void Pause() => Check("pause", writer => writer.Pause(), JournalRecordKind.Pause, reader => 0, 0);

    [Fact]
    public void Trying() => Check("trying", writer => writer.Trying(7), JournalRecordKind.Trying, reader => reader.Trying(), 7);

    [Theory]
    [InlineData(ShardOutcome.Done)]
    [InlineData(ShardOutcome.Cancelled)]
    [InlineData(ShardOutcome.Expired)]
    public void Seal(ShardOutcome outcome) =>
        Check($"seal.{outcome}", writer => writer.Seal(outcome), JournalRecordKind.Seal, reader => reader.Outcome(), outcome);

    [Fact]
    public void Result_with_its_line() => Check(
        "result", writer => writer.Result(Good, Line, external: false), JournalRecordKind.Result, ReadResult, (Good, Line.Length, false));

    [Fact]
    public void Result_whose_line_is_in_a_blob() => Check(
        "result_external", writer => writer.Result(Bad, Name, external: true), JournalRecordKind.Result, ReadResult, (Bad, Name.Length, true));

    [Fact]
    public void Attempt() => Check(
        "attempt", writer => writer.Attempt(Wait, Line, external: false), JournalRecordKind.Attempt, ReadAttempt, (Wait, Line.Length, false));

    [Fact]
    public void Numbers_of_kinds_files_and_outcomes_stay()
    {
        Assert.Equal("1 Fence, 2 Attempt, 3 Trying, 4 Result, 5 Seal, 6 Pause", Numbers<JournalRecordKind>());
        Assert.Equal("0 Output, 1 Errors", Numbers<ResultFile>());
        Assert.Equal("0 None, 1 Done, 2 Cancelled, 3 Expired", Numbers<ShardOutcome>());
        Assert.Equal(
            "1 InputTokens, 2 CachedInputTokens, 3 CacheWriteInputTokens, 4 OutputTokens, 5 ReasoningTokens, 6 Images, 7 AudioMinutes, 8 Requests",
            Numbers<Meter>());
    }

    private static (RowResult, int, bool) ReadResult(JournalReader reader) =>
        (reader.Result(out var line), line.Length, line.External);

    private static (RowAttempt, int, bool) ReadAttempt(JournalReader reader) =>
        (reader.Attempt(out var line), line.Length, line.External);

    private static void Check<T>(string name, Action<JournalWriter> write, JournalRecordKind kind, Read<T> read, T expected)
    {
        var writer = new JournalWriter();
        write(writer);
        StoredHex.Check($"journal.{name}", writer.Seal(5, 3, Activation).Span);

        foreach (var frame in StoredHex.ReadAll($"journal.{name}"))
        {
            Assert.True(JournalFrame.Verify(frame));
            Assert.True(JournalFrame.TryReadHeader(frame, out var header));
            Assert.Equal((5, 3, Activation, frame.Length), (header.Epoch, header.Sequence, header.Activation, header.FrameLength));
            var reader = new JournalReader(frame.AsSpan(JournalFrame.HeaderSize));
            Assert.True(reader.Read());
            Assert.Equal(kind, reader.Kind);
            Assert.Equal(expected, read(reader));
            Assert.False(reader.Read());
        }
    }

    private static string Numbers<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(value => $"{value:D} {value}"));

    private delegate T Read<out T>(JournalReader reader);
}
