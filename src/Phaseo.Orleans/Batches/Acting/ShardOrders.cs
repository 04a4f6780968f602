using System.Collections.Immutable;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>Writes the orders that shards run and are closed by.</summary>
internal sealed class ShardOrders(ActContext batch)
{
    private const int WastedShare = 50;

    private ImmutableArray<ShardSlice> _plan;

    /// <summary>
    /// The calls that each running shard may make at once: a silo's, shared out among those of a silo that has the
    /// fewest, so that no silo is idle and the last shards take what finished ones no longer use. Rounded down where
    /// that wastes little, because shards that together may do more than the silo make every single call wait its turn.
    /// </summary>
    public int Calls
    {
        get
        {
            var calls = batch.Services.Options.MaxConcurrentCalls;
            var shards = Math.Max(batch.State.Running.Length / Math.Max(batch.Services.Roles.Workers, 1), 1);
            var share = calls / shards;
            return share * shards >= calls - (calls / WastedShare) ? share : share + 1;
        }
    }

    /// <summary>Reads the shard index, once: before the first order.</summary>
    public async ValueTask PlanAsync(CancellationToken cancellation)
    {
        if (_plan.IsDefault && batch.State.ShardCount > 0)
        {
            _plan = batch.State.PlanFile is { } file
                ? await batch.Services.WorkFiles.ReadPlanAsync(file, cancellation)
                : [batch.State.OnlyShard!.Value];
        }
    }

    /// <summary>The order for one shard under an epoch.</summary>
    public ShardOrder Of(int shard, long epoch) => new()
    {
        Workspace = batch.State.Workspace,
        Batch = batch.Id,
        Shard = shard,
        Epoch = epoch,
        Slice = _plan[shard],
        InputBlob = batch.State.Submission!.InputBlob,
        Endpoint = batch.State.Submission.Request.Endpoint,
        Policy = batch.State.Submission.Request.Provider,
        Prices = batch.State.Prices,
        Calls = Calls,
        Remaining = batch.State.ExpiresAt - batch.Now,
        TraceParent = batch.State.Submission.TraceParent,
        Session = batch.State.Submission.Request.SessionId,
    };
}
