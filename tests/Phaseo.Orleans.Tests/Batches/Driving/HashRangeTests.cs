using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Driving;

public sealed class HashRangeTests
{
    private static readonly string[] Batches = [.. Enumerable.Range(0, 3_000).Select(number => $"batch_{number}")];

    [Fact]
    public void Every_batch_has_one_owner_and_each_silo_its_share()
    {
        var silos = Enumerable.Range(0, 3).Select(FakeMembers.Silo).ToArray();

        var owned = Batches.CountBy(batch => HashRange.OwnerOf(batch, silos)).ToArray();

        Assert.Equal(3, owned.Length);
        Assert.All(owned, share => Assert.InRange(share.Value, 800, 1_200));
    }

    [Fact]
    public void The_order_in_which_silos_are_known_does_not_matter()
    {
        var silos = Enumerable.Range(0, 5).Select(FakeMembers.Silo).ToArray();

        Assert.All(Batches, batch => Assert.Equal(HashRange.OwnerOf(batch, silos), HashRange.OwnerOf(batch, [.. silos.Reverse()])));
    }

    [Fact]
    public void With_a_silo_gone_only_its_batches_change_hands_and_others_share_them()
    {
        var silos = Enumerable.Range(0, 4).Select(FakeMembers.Silo).ToArray();
        var gone = silos[2];

        var heirs = Batches.Select(batch => (Before: HashRange.OwnerOf(batch, silos), After: HashRange.OwnerOf(batch, [.. silos.Where(silo => !silo.Equals(gone))]))).ToArray();

        Assert.All(heirs.Where(heir => !heir.Before.Equals(gone)), heir => Assert.Equal(heir.Before, heir.After));
        Assert.All(heirs.Where(heir => heir.Before.Equals(gone)).CountBy(heir => heir.After), share => Assert.InRange(share.Value, 150, 350));
    }

    [Fact]
    public void A_leaving_silo_owns_nothing()
    {
        var members = new FakeMembers(2);

        members.Set((0, SiloStatus.Active), (1, SiloStatus.ShuttingDown));

        Assert.All(Batches, batch => Assert.True(new HashRange(members, members).Now()(batch)));
    }

    [Fact]
    public void A_silo_that_does_not_know_of_itself_leaves_nothing_to_others()
    {
        var members = new FakeMembers(2);

        members.Set((0, SiloStatus.Joining), (1, SiloStatus.Active));

        Assert.All(Batches, batch => Assert.True(new HashRange(members, members).Now()(batch)));
    }
}
