using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches;

/// <summary>Makes the check of models for one batch's validation.</summary>
internal sealed class BatchModelChecks(IRoutePlanner planner)
{
    /// <summary>The check under a batch's endpoint and policy.</summary>
    public IModelCheck For(BatchRequest request) => new RouteModelCheck(planner, request.Endpoint, request.Provider);
}
