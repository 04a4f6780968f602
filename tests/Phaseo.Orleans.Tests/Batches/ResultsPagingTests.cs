using CsCheck;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class ResultsPagingTests
{
    // A step records a row (with so much in its line) or reads a page of so many rows and bytes.
    private static readonly Gen<(bool IsPage, int Number, int Size)[]> Steps =
        Gen.Select(Gen.Bool, Gen.Int[0, 100], Gen.Int[1, 400]).Array[0, 40];

    [Fact]
    public Task Pages_of_any_size_read_at_any_time_are_together_the_whole() =>
        Gen.Select(Gen.Int[1, 5].Array[1, 4], Gen.Int[0, 2].Array[1, 5], Steps).SampleAsync(
            async (shardRows, blanks, steps) =>
            {
                var world = await ResultsWorld.CreateAsync(shardRows, blanks);
                List<int> read = [];
                foreach (var (isPage, number, size) in steps)
                {
                    if (isPage)
                    {
                        var isComplete = await ReadAsync(world, read, 1 + (number % 4), size);
                        Assert.False(isComplete);
                    }
                    else
                    {
                        await world.RecordAsync(number % world.Lines.Count, size);
                    }
                }

                await world.EndAsync();
                for (var page = 0; !await ReadAsync(world, read, 1 + (page % 4), 300); page++)
                {
                    Assert.InRange(page, 0, world.Lines.Count);
                }

                Assert.Equal(world.Lines, read);
            },
            iter: 300);

    // Goes on behind the last line that was read. True: there is nothing behind this page.
    private static async Task<bool> ReadAsync(ResultsWorld world, List<int> read, int limit, int maxBytes)
    {
        var before = read.Count;
        var page = await world.ReadAsync(read.LastOrDefault(), limit, maxBytes);
        foreach (var line in page.Lines)
        {
            Assert.True(world.IsLineOf(read.Count, line.Bytes), $"The line of row {read.Count} is another's.");
            Assert.True(page.Lines.Length <= limit);
            read.Add(line.Line);
        }

        Assert.Equal(world.Lines.Take(read.Count), read);
        Assert.True(world.Prefix <= before || read.Count > before, "A page was empty though the next row is recorded.");
        return page.IsComplete;
    }
}
