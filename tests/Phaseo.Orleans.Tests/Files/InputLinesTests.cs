using System.Text;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class InputLinesTests
{
    [Fact]
    public Task Lines_are_cut_and_bounded_the_same_however_the_bytes_arrive() =>
        Gen.Select(
            Gen.OneOf("x", "xxx", "\r", "\n", "\r\n", "\uFEFF").Array[0, 12].Select(string.Concat), Gen.Int[1, 7], Gen.Int[1, 9])
            .SampleAsync(async (text, maxLineBytes, chunk) =>
            {
                var file = Encoding.UTF8.GetBytes(text);

                var lines = await ReadAsync(file, maxLineBytes, chunk);

                Assert.Equal(Expected(file, maxLineBytes), lines);
            }, iter: 2000);

    private static async Task<List<string>> ReadAsync(byte[] file, int maxLineBytes, int chunk)
    {
        var found = new List<string>();
        using var lines = new InputLines(new ValidationTestBed.ChunkedStream(new MemoryStream(file), chunk), maxLineBytes);
        while (await lines.FillAsync(TestContext.Current.CancellationToken))
        {
            while (lines.TryRead(out var line))
            {
                found.Add(Describe(line.Number, line.Offset, line.Length, line.IsTooLong ? null : line.Content.ToArray()));
            }
        }

        return found;
    }

    // Byte by byte, with the whole file at hand.
    private static List<string> Expected(byte[] file, int maxLineBytes)
    {
        var lines = new List<string>();
        for (var start = 0; start < file.Length;)
        {
            var feed = Array.IndexOf(file, (byte)'\n', start);
            var next = feed < 0 ? file.Length : feed + 1;
            var content = file[start..(feed < 0 ? file.Length : feed)];
            content = start == 0 && content is [0xEF, 0xBB, 0xBF, ..] ? content[3..] : content;
            content = content is [.., (byte)'\r'] ? content[..^1] : content;
            lines.Add(Describe(lines.Count + 1, start, next - start, content.Length > maxLineBytes ? null : content));
            start = next;
        }

        return lines;
    }

    private static string Describe(int number, long offset, long length, byte[]? content) =>
        $"{number} at {offset}+{length}: {(content is null ? "too long" : Convert.ToHexString(content))}";
}
