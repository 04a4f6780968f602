using System.Net;
using CsCheck;
using Phaseo.Orleans.Batches.Acting;

namespace Phaseo.Orleans.Tests.Batches.Acting;

public sealed class ShardSpreadTests
{
    private const int Places = 17;

    private static readonly SiloAddress[] Silos =
        [.. Enumerable.Range(1, 3).Select(port => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 1))];

    [Fact]
    public void Every_shard_goes_to_a_silo_that_has_no_more_than_any_other_however_they_end() =>
        Gen.Int[0, Places - 1].Array[0, 80].Sample(ends =>
        {
            var spread = new ShardSpread(new Random(1));
            var running = new Dictionary<int, SiloAddress>();
            for (var shard = 0; shard < Places + ends.Length; shard++)
            {
                if (shard >= Places)
                {
                    var ended = running.Keys.Order().ElementAt(ends[shard - Places]);
                    running.Remove(ended);
                    spread.Forget(ended);
                }

                var place = spread.Send(shard, running.Keys, Silos)!;
                Assert.Equal(Silos.Min(Load), Load(place));
                running.Add(shard, place);
            }

            int Load(SiloAddress silo) => running.Values.Count(silo.Equals);
        });

    [Fact]
    public void Silo_that_has_gone_gets_none()
    {
        var spread = new ShardSpread(new Random(1));
        var running = new List<int>();
        for (var shard = 0; shard < 9; shard++)
        {
            spread.Send(shard, running, Silos);
            running.Add(shard);
        }

        var places = Enumerable.Range(20, 6).Select(shard => spread.Send(shard, running, Silos[..2])).ToList();

        Assert.DoesNotContain(Silos[2], places);
    }

    [Fact]
    public void First_shards_of_many_batches_go_everywhere()
    {
        var random = new Random(7);

        var firsts = Enumerable.Range(0, 100).Select(_ => new ShardSpread(random).Send(0, [], Silos)).ToHashSet();

        Assert.Equal(Silos.Length, firsts.Count);
    }

    [Fact]
    public void Without_a_silo_there_is_no_place() => Assert.Null(new ShardSpread(new Random(1)).Send(0, [], []));
}
