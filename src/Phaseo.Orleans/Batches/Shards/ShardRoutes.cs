using System.Text.Json;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Finds the plan for a row. Most rows of a shard share theirs, so the last one is tried first.</summary>
internal sealed class ShardRoutes(ShardOrder order, IRoutePlanner planner)
{
    private readonly Dictionary<Offer, byte[]> _tokens = new(ReferenceEqualityComparer.Instance);
    private byte[] _lastModel = [];
    private string _lastName = "";

    /// <summary>The plan for one row, as the catalog stands now, at the prices that the batch was validated under.</summary>
    public ValueTask<RoutePlan> PlanAsync(ReadOnlySpan<byte> line, in RequestLine row, CancellationToken cancellation)
    {
        var model = row.Model.Of(line);
        if (!model.SequenceEqual(_lastModel))
        {
            _lastModel = model.ToArray();
            _lastName = Decode(model);
        }

        var policy = row.Provider.IsEmpty ? order.Policy : Merge(row.Provider.Of(line));
        var name = planner.Resolve(_lastName).Model ?? _lastName;
        return planner.PlanAsync(name, order.Endpoint, policy, order.Prices, cancellation);
    }

    /// <summary>The provider's name of the model as a JSON token.</summary>
    public byte[] ModelToken(Offer offer)
    {
        if (!_tokens.TryGetValue(offer, out var token))
        {
            token = RequestBody.ModelToken(offer.UpstreamModel);
            _tokens.Add(offer, token);
        }

        return token;
    }

    private static string Decode(ReadOnlySpan<byte> token)
    {
        var reader = new Utf8JsonReader(token);
        reader.Read();
        return reader.GetString()!;
    }

    // Validation has let the row's policy through; one that cannot be read now asks for nothing.
    private ProviderPolicy Merge(ReadOnlySpan<byte> json) =>
        ProviderPolicyReader.Read(json, "body.provider").Policy is { } policy ? policy.Over(order.Policy) : order.Policy;
}
