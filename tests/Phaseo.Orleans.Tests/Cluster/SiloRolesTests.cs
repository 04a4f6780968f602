using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cluster;

public sealed class SiloRolesTests
{
    private readonly FakeMembers _members = new(active: 3);
    private readonly SiloDrain _drain = new(Options.Create(new DrainOptions()), TimeProvider.System, NullLogger<SiloDrain>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Words_and_roles_go_together()
    {
        Assert.All(Enum.GetValues<SiloRole>(), role => Assert.True(SiloRoleWords.TryParse(role.ToWord(), out var read) && read == role));
        Assert.False(SiloRoleWords.TryParse("both", out _));
        Assert.False(SiloRoleWords.TryParse("", out _));
    }

    [Fact]
    public void Workers_are_counted_and_those_that_have_not_said_what_they_are_among_them()
    {
        var roles = _members.Roles(SiloRole.Api);
        _members.Publish(1, SiloRole.Worker);

        Assert.Equal(2, roles.Workers);
        _members.Publish(2, SiloRole.Api);
        Assert.Equal(1, roles.Workers);
        _members.Set((0, SiloStatus.Active), (1, SiloStatus.ShuttingDown), (2, SiloStatus.Active));
        Assert.Equal(0, roles.Workers);
    }

    [Fact]
    public void A_silo_by_itself_has_nobody_to_hand_over_to()
    {
        var roles = _members.Roles();
        _members.Publish(1, SiloRole.Api);
        _members.Publish(2, SiloRole.Worker);

        Assert.True(roles.HasOtherWorker);
        _members.Set((0, SiloStatus.Active), (1, SiloStatus.Active), (2, SiloStatus.Dead));
        Assert.False(roles.HasOtherWorker);
    }

    [Fact]
    public void Shards_go_to_workers()
    {
        var roles = _members.Roles(SiloRole.Api);
        _members.Publish(1, SiloRole.Worker);
        _members.Publish(2, SiloRole.All);

        Assert.Equal([1, 2], Filter(roles));
    }

    [Fact]
    public void Without_a_worker_they_go_anywhere_to_be_refused_there()
    {
        var roles = _members.Roles(SiloRole.Api);
        _members.Publish(1, SiloRole.Api);
        _members.Publish(2, SiloRole.Api);

        Assert.Equal([0, 1, 2], Filter(roles));
    }

    [Fact]
    public async Task A_silo_that_stops_sends_them_to_others()
    {
        var roles = _members.Roles();

        await _drain.DrainAsync(Cancel);

        Assert.Equal([1, 2], Filter(roles));
    }

    private int[] Filter(SiloRoles roles)
    {
        var director = new PreferWorkersDirector(roles, _drain, _members);
        var left = director.Filter(new PreferWorkersStrategy(), default, [.. Enumerable.Range(0, 3).Select(FakeMembers.Silo)]);
        return [.. left.Select(silo => silo.Endpoint.Port - FakeMembers.Silo(0).Endpoint.Port)];
    }
}
