using CsCheck;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches.Model;

public sealed class BatchModelTests
{
    private const int Limit = 1_500_000;
    private const int MutantLimit = 200_000;

    public static TheoryData<string> Mutants => [.. BrokenRules.All.Keys];

    public static TheoryData<int, int, int, bool> Sizes => new()
    {
        // Shards, rows of each, starts of each, files.
        { 1, 1, 3, true },
        { 1, 2, 3, true },
        { 2, 1, 2, false },
        { 2, 1, 1, true },
        { 2, 2, 1, false },
        { 3, 1, 1, false },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_world_that_can_be_reached_keeps_the_promises_and_can_end(int shards, int rows, int epochs, bool folds)
    {
        var explorer = new BatchExplorer(new(shards, rows, Epochs: epochs, Folds: folds), BatchTransitions.Apply);

        var fault = explorer.FirstFault(Limit);

        Assert.Null(fault);
        Assert.Equal(Enum.GetValues<BatchStatus>().ToHashSet(), explorer.Statuses.ToHashSet());
        TestContext.Current.SendDiagnosticMessage($"{shards} x {rows}: {explorer.Count} worlds");
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void Broken_rule_is_found(string rule)
    {
        // Figures need two rows in a shard to be wrong, order between shards needs two shards. A world without end is no verdict.
        ModelSize[] sizes = [new(1, 2), new(2, 1)];

        var faults = sizes.Select(size => new BatchExplorer(size, BrokenRules.All[rule]).FirstFault(MutantLimit));

        Assert.Contains(faults, fault => fault is not null && !fault.Contains("does not close", StringComparison.Ordinal));
    }

    [Fact]
    public void Random_walks_of_larger_batches_keep_the_promises()
    {
        var walk = Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[0, 10_000].Array[0, 400]);

        walk.Sample(
            (shards, rows, places, choices) =>
            {
                ModelSize size = new(shards, rows, places, Epochs: 6, Folds: true);
                var model = new BatchModel(size, BatchTransitions.Apply);
                var world = BatchWorld.Before(size);
                foreach (var choice in choices)
                {
                    var moves = model.Moves(world).ToList();
                    var move = moves[choice % moves.Count];
                    var after = move.Next();
                    Assert.False(BatchInvariants.GavePlace(move.Name, world, after));
                    Assert.Null(BatchInvariants.Broken(world, after, size));
                    world = after;
                }
            },
            iter: 300);
    }
}
