using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Phaseo.Orleans.Cluster;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A cluster's members and their roles as the test wants them, seen from silo 0.</summary>
internal sealed class FakeMembers : IClusterMembershipService, ILocalSiloDetails, ISiloMetadataCache
{
    private readonly Dictionary<SiloAddress, SiloMetadata> _metadata = [];
    private readonly Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();

    public FakeMembers(int active) => Set([.. Enumerable.Range(0, active).Select(number => (number, SiloStatus.Active))]);

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = null!;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _updates.Reader.ReadAllAsync();

    public SiloAddress SiloAddress => Silo(0);

    public string Name => "silo";

    public string ClusterId => "cluster";

    public string DnsHostName => "localhost";

    public SiloAddress GatewayAddress => SiloAddress;

    /// <summary>What silo 0, in this role, knows of the roles of all.</summary>
    public SiloRoles Roles(SiloRole own = SiloRole.All)
    {
        Publish(0, own);
        return new(new(own), this, this, this);
    }

    public static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, 1);

    public void Set(params (int Silo, SiloStatus Status)[] members)
    {
        CurrentSnapshot = new(
            members.ToImmutableDictionary(
                member => Silo(member.Silo), member => new ClusterMember(Silo(member.Silo), member.Status, $"silo-{member.Silo}")),
            new MembershipVersion((CurrentSnapshot?.Version.Value ?? 0) + 1));
        Assert.True(_updates.Writer.TryWrite(CurrentSnapshot));
    }

    /// <summary>A silo's metadata has come.</summary>
    public void Publish(int silo, SiloRole role)
    {
        // Only Orleans itself can fill one.
        var metadata = new SiloMetadata();
        var entries = ImmutableDictionary<string, string>.Empty.Add(SiloRoles.MetadataKey, role.ToWord());
        typeof(SiloMetadata).GetProperty(nameof(SiloMetadata.Metadata))!.SetValue(metadata, entries);
        _metadata[Silo(silo)] = metadata;
    }

    public SiloMetadata GetSiloMetadata(SiloAddress siloAddress) => _metadata.GetValueOrDefault(siloAddress, SiloMetadata.Empty);

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);
}
