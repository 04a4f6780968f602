using System.Globalization;
using System.Text;
using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Batches.Journals;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Storage.Faults;

/// <summary>
/// What the engine does with the account, under each kind of fault that an account knows, hidden by the client's own
/// retries or not: an answer that is not known is settled by reading.
/// </summary>
public sealed class StorageFaultTests(Azurite azurite)
{
    private const int Rows = 24;

    public static TheoryData<string, double> Kinds() => new(
        from kind in Enum.GetNames<StorageFault>()
        where kind != nameof(StorageFault.None)
        from lasting in new[] { 0, 0.5 }
        select (kind, lasting));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Writers_that_take_a_journal_over_record_every_row_once(string kind, double lasting)
    {
        await using var scene = await FaultScene.StartAsync(azurite, Enum.Parse<StorageFault>(kind), lasting);
        var id = new JournalId("ws", "batch_1", 0);
        await scene.Home.Journals.CreateAsync(id, Cancel);
        scene.AreFaulty = true;

        // One who is told that another wrote there first stops; its batch then starts the next.
        List<Writer> writers = [];
        for (var epoch = 1; writers.Count == 0 || writers[^1].State is not (JournalState.Open or JournalState.Sealed); epoch++)
        {
            Assert.InRange(epoch, 1, 100);
            Writer[] some = [NewWriter(scene, id, epoch), NewWriter(scene, id, ++epoch)];
            await Task.WhenAll(some.Select(writer => writer.RunAsync()));
            writers.AddRange(some);
        }

        scene.AreFaulty = false;
        var ledger = new ShardLedger(0, Rows);
        await new ShardJournal(scene.Home.Journals, id, ledger, TimeProvider.System).CatchUpAsync(Cancel);
        Assert.Equal((ShardOutcome.Done, Rows), (ledger.Outcome, ledger.Recorded));
        Assert.All(writers.SelectMany(writer => writer.Told), told => Assert.Equal(told, ledger[told.Row].Result));
        Assert.Single(writers.SelectMany(writer => writer.Told).GroupBy(told => told.Row).Select(row => row.Count()).Distinct(), 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Parts_are_staged_and_committed_once_whoever_repeats_it(string kind, double lasting)
    {
        await using var scene = await FaultScene.StartAsync(azurite, Enum.Parse<StorageFault>(kind), lasting);
        const string Name = "ws/batch_1/output";
        var parts = Enumerable.Range(0, 12).Select(part => Encoding.UTF8.GetBytes($"part {part}\n")).ToList();
        List<BlobBlock> list = [.. parts.Select((part, number) => new BlobBlock(number.ToString("D4", CultureInfo.InvariantCulture), part.Length))];
        scene.AreFaulty = true;

        var commits = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            foreach (var (block, part) in list.Zip(parts))
            {
                await FaultScene.UntilAnsweredAsync(() => scene.Home.Blobs.StageAsync(Name, block.Id, part, Cancel));
            }

            return await FaultScene.UntilAnsweredAsync(() => scene.Home.Blobs.CommitAsync(Name, list, Cancel));
        }));

        scene.AreFaulty = false;
        Assert.All(commits, commit => Assert.True(commit is CommitResult.Committed or CommitResult.AlreadyCommitted or CommitResult.MissingBlocks, $"{commit}"));
        Assert.Equal(CommitResult.AlreadyCommitted, await scene.Home.Blobs.CommitAsync(Name, list, Cancel));
        await using var content = await scene.Home.Blobs.OpenReadAsync(Name, 0, null, Cancel);
        Assert.Equal(string.Concat(parts.Select(Encoding.UTF8.GetString)), await new StreamReader(content!).ReadToEndAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Index_row_ends_at_its_highest_version_whatever_the_order(string kind, double lasting)
    {
        await using var scene = await FaultScene.StartAsync(azurite, Enum.Parse<StorageFault>(kind), lasting);
        scene.AreFaulty = true;

        await Task.WhenAll(Enumerable.Range(0, 2).Select(async turn =>
        {
            for (var version = 1; version <= 12; version++)
            {
                var row = RowOf(turn == 0 ? version : 13 - version);
                await FaultScene.UntilAnsweredAsync(() => scene.Home.Index.UpsertAsync(row, Cancel));
            }
        }));

        scene.AreFaulty = false;

        // A late one is still on its way.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancel);
        var found = Assert.Single(await scene.Home.Index.ListAsync(new("ws", 10, null, [], null, new Dictionary<string, string>()), Cancel));
        Assert.Equal((12, "version 12"), (found.Version, Encoding.UTF8.GetString(found.Snapshot.Span)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Batch_state_says_what_was_saved_whatever_the_answer(string kind, double lasting)
    {
        var state = await FaultyState.StartAsync(azurite, Enum.Parse<StorageFault>(kind), lasting);
        var saved = 0L;

        for (var change = 1; change <= 12; change++)
        {
            saved = await state.SaveUntilTakenAsync();
        }

        var (stored, shown) = await state.EndAsync();
        Assert.Equal(stored, shown);
        Assert.Equal(saved, stored);
    }

    private static Writer NewWriter(FaultScene scene, JournalId id, int epoch) =>
        new(new(scene.Home.Journals, id, new(0, Rows), TimeProvider.System), epoch, epoch, Rows);

    private static BatchIndexRow RowOf(int version) => new(
        "ws", "batch_1", version, version == 12, "completed", null, new Dictionary<string, string>(), Encoding.UTF8.GetBytes($"version {version}"));
}
