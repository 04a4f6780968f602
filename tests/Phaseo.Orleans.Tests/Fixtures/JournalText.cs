using System.Globalization;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Spells a journal's flushes out, one text each, for tests to compare: the epoch, then the records, such as
/// <c>2: result 0, attempt 3 (2 calls, 1 round), seal Done</c>.
/// </summary>
internal static class JournalText
{
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> journal)
    {
        List<string> flushes = [];
        while (!journal.IsEmpty)
        {
            Assert.True(JournalFrame.TryReadHeader(journal, out var header), "The journal holds something that is no frame.");
            var frame = journal[..header.FrameLength];
            Assert.True(JournalFrame.Verify(frame), "A frame's checksum is wrong.");
            flushes.Add(string.Create(CultureInfo.InvariantCulture, $"{header.Epoch}: {string.Join(", ", Records(frame))}"));
            journal = journal[header.FrameLength..];
        }

        return flushes;
    }

    /// <summary>Every wait that a journal records, in its order.</summary>
    public static IReadOnlyList<RowAttempt> Attempts(ReadOnlySpan<byte> journal)
    {
        List<RowAttempt> attempts = [];
        while (JournalFrame.TryReadHeader(journal, out var header))
        {
            var reader = new JournalReader(journal[JournalFrame.HeaderSize..header.FrameLength]);
            while (reader.Read())
            {
                if (reader.Kind == JournalRecordKind.Attempt)
                {
                    attempts.Add(reader.Attempt(out _));
                }
            }

            journal = journal[header.FrameLength..];
        }

        return attempts;
    }

    private static List<string> Records(ReadOnlySpan<byte> frame)
    {
        List<string> records = [];
        var reader = new JournalReader(frame[JournalFrame.HeaderSize..]);
        while (reader.Read())
        {
            records.Add(reader.Kind switch
            {
                JournalRecordKind.Fence => "fence",
                JournalRecordKind.Attempt => Attempt(reader.Attempt(out _)),
                JournalRecordKind.Trying => $"trying {reader.Trying()}",
                JournalRecordKind.Result => Result(reader.Result(out var line), line),
                JournalRecordKind.Seal => $"seal {reader.Outcome()}",
                JournalRecordKind.Pause => "pause",
            });
        }

        return records;
    }

    private static string Attempt(in RowAttempt attempt) =>
        $"attempt {attempt.Row} ({attempt.Attempts} calls, {attempt.Rounds} rounds)";

    private static string Result(in RowResult result, RecordLine line) =>
        $"result {result.Row}{(result.ErrorCode.Length > 0 ? " " + result.ErrorCode : "")}{(line.External ? " elsewhere" : "")}";
}
