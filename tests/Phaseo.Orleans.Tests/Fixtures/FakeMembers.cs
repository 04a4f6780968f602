using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A cluster's membership as the test wants it, seen from silo 0.</summary>
internal sealed class FakeMembers : IClusterMembershipService, ILocalSiloDetails
{
    private readonly Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();

    public FakeMembers(int active) => Set([.. Enumerable.Range(0, active).Select(number => (number, SiloStatus.Active))]);

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = null!;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _updates.Reader.ReadAllAsync();

    public SiloAddress SiloAddress => Silo(0);

    public string Name => "silo";

    public string ClusterId => "cluster";

    public string DnsHostName => "localhost";

    public SiloAddress GatewayAddress => SiloAddress;

    public static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, 1);

    public void Set(params (int Silo, SiloStatus Status)[] members)
    {
        CurrentSnapshot = new(
            members.ToImmutableDictionary(
                member => Silo(member.Silo), member => new ClusterMember(Silo(member.Silo), member.Status, $"silo-{member.Silo}")),
            new MembershipVersion((CurrentSnapshot?.Version.Value ?? 0) + 1));
        Assert.True(_updates.Writer.TryWrite(CurrentSnapshot));
    }

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);
}
