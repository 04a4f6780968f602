using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Tests.Batches.Journals;

public sealed class JournalWriterTests
{
    private static readonly DateTimeOffset NextAt = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_wait_before_any_answer_reads_back()
    {
        var wait = new RowAttempt(7, Attempts: 2, Rounds: 1, NextAt, RowResult.None);
        var writer = new JournalWriter();

        writer.Attempt(wait, [], external: false);
        var frame = writer.Seal(1, 1, Guid.NewGuid());

        var reader = new JournalReader(frame.Span[JournalFrame.HeaderSize..]);
        Assert.True(reader.Read());
        Assert.Equal(wait, reader.Attempt(out var line));
        Assert.Equal(0, line.Length);
        Assert.False(reader.Read());
    }

    [Fact]
    public void A_record_that_broke_off_never_gets_into_a_journal()
    {
        var writer = new JournalWriter();
        writer.Fence();

        Assert.Throws<NullReferenceException>(() => writer.Attempt(new(7, 2, 1, NextAt, default), [], external: false));

        Assert.Throws<InvalidOperationException>(() => writer.Seal(1, 1, Guid.NewGuid()));
    }

    [Fact]
    public void Flush_that_is_larger_than_an_append_may_be_never_gets_into_a_journal()
    {
        var writer = new JournalWriter();
        writer.Result(RowResult.None, new byte[JournalFrame.MaxSize], external: false);

        Assert.Throws<InvalidOperationException>(() => writer.Seal(1, 1, Guid.NewGuid()));
    }
}
