using CsCheck;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Tests.Batches.Journals;

public sealed class WriterWorldTests
{
    private static readonly Gen<(int Rows, int[] Epochs, int[] Choices)> Worlds =
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3].Array[1, 4], Gen.Int[0, 10_000].Array[0, 200]);

    [Fact]
    public void Whatever_storage_does_every_row_counts_once_and_everybody_knows_it() => Worlds.Sample(
        (rows, epochs, choices) =>
        {
            using var world = new WriterWorld(rows, epochs);

            world.Run(choices);

            var read = world.Read();
            Assert.Equal((ShardOutcome.Done, rows), (read.Outcome, read.Recorded));
            Assert.Single(world.Writers, writer => writer.State == JournalState.Open);
            AssertWritersTakeOver(world.Journal);
            foreach (var writer in world.Writers)
            {
                Assert.All(writer.Told, result => Assert.Equal(result, read[result.Row].Result));
                if (writer.State is JournalState.Open or JournalState.Sealed)
                {
                    Assert.Equal((read.Tally.CostNanos, read.Recorded), (writer.Ledger.Tally.CostNanos, writer.Ledger.Recorded));
                }
            }
        },
        iter: 2_000);

    // Behind a fence stands nothing of anybody but its writer, and no lower or equal fence.
    private static void AssertWritersTakeOver(ReadOnlySpan<byte> journal)
    {
        var leader = default(JournalFrameHeader);
        while (JournalFrame.TryReadHeader(journal, out var header))
        {
            var reader = new JournalReader(journal[JournalFrame.HeaderSize..header.FrameLength]);
            reader.Read();
            if (reader.Kind == JournalRecordKind.Fence)
            {
                Assert.True(header.Epoch > leader.Epoch, $"The fence of epoch {header.Epoch} stands behind that of {leader.Epoch}.");
                leader = header;
            }

            Assert.Equal((leader.Epoch, leader.Activation), (header.Epoch, header.Activation));
            journal = journal[header.FrameLength..];
        }
    }
}
