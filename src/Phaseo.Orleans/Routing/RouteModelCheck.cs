using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Says for one batch's validation whether a row's model can be served under the row's policy over the batch's.
/// </summary>
/// <param name="planner">Knows the offers.</param>
/// <param name="endpoint">The batch's endpoint.</param>
/// <param name="batchPolicy">The batch's policy.</param>
public sealed class RouteModelCheck(IRoutePlanner planner, string endpoint, ProviderPolicy batchPolicy) : IModelCheck
{
    private const string ModelParam = "body.model";

    // Longer or stranger than this is no model's name, and might be a prompt that went astray: it is not repeated.
    private const int MaxNameLength = 128;

    /// <inheritdoc/>
    public async ValueTask<LineFault?> CheckAsync(string model, ReadOnlyMemory<byte> providerJson, CancellationToken cancellation)
    {
        var name = planner.Resolve(model);
        if (name.Model is not { } known)
        {
            return NotFound(model, name);
        }

        var (policy, fault) = ProviderPolicyReader.Read(providerJson.Span, "body.provider");
        if (policy is null)
        {
            return new LineFault(fault!.Code, fault.Message, fault.Param, null);
        }

        var plan = await planner.PlanAsync(known, endpoint, policy.Over(batchPolicy), cancellation);
        return plan.Ranked.IsEmpty ? NoneLeft(known, plan) : null;
    }

    private static LineFault NotFound(string model, ModelName name)
    {
        var shown = model.Length <= MaxNameLength && model.All(IsNameLike) ? $"'{model}'" : "of this row";
        var message = name.Candidates.IsEmpty
            ? $"The model {shown} does not exist."
            : $"The model {shown} is not unique; name one of: {string.Join(", ", name.Candidates)}.";
        return new LineFault("model_not_found", message, ModelParam, null);
    }

    private LineFault NoneLeft(string model, RoutePlan plan)
    {
        var dropped = string.Join(", ", plan.Dropped.Select(drop => $"{drop.Provider} ({drop.Reason})"));
        return new LineFault(
            "no_eligible_provider",
            $"No provider may serve the model '{model}' on {endpoint}; '{plan.DecidingFilter}' left none. Ruled out: {dropped}.",
            plan.DecidingFilter is "only" or "ignore" or "max_price" ? $"body.provider.{plan.DecidingFilter}" : ModelParam,
            null);
    }

    private static bool IsNameLike(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' or '@';
}
