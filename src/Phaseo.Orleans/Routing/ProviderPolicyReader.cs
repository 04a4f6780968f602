using System.Collections.Frozen;
using System.Text.Json;

namespace Phaseo.Orleans.Routing;

/// <summary>What is wrong with a policy, in the contract's words.</summary>
/// <param name="Code"><c>unknown_parameter</c>, <c>unsupported_parameter</c>, <c>invalid_type</c> or <c>invalid_value</c>.</param>
/// <param name="Message">What is wrong and what the bound is.</param>
/// <param name="Param">The field's full path.</param>
public sealed record PolicyFault(string Code, string Message, string Param);

/// <summary>A policy, or why there is none: one of the two is null.</summary>
public readonly record struct PolicyReading(ProviderPolicy? Policy, PolicyFault? Fault);

/// <summary>Reads a <c>provider</c> value: contract.md "Routing". The first fault ends it. Null members count as absent.</summary>
public static class ProviderPolicyReader
{
    /// <summary>Wishes that this version cannot fulfil. To take one and ignore it would break a promise to the client.</summary>
    private static readonly FrozenSet<string> NotBuilt = FrozenSet.Create(
        StringComparer.Ordinal,
        "include_alpha", "required_execution_region", "required_data_region", "require_zero_data_retention", "zdr",
        "data_collection", "enforce_distillable_text", "quantizations", "require_parameters", "sort",
        "preferred_max_latency", "preferred_min_throughput");

    /// <summary>The policy that <paramref name="json"/> holds; nothing and null: no policy.</summary>
    /// <param name="json">One JSON value, UTF-8.</param>
    /// <param name="path">What the value is called in faults: <c>provider</c>, <c>body.provider</c>.</param>
    public static PolicyReading Read(ReadOnlySpan<byte> json, string path)
    {
        if (json.IsEmpty)
        {
            return new PolicyReading(ProviderPolicy.None, null);
        }

        try
        {
            var fields = new PolicyFields(json, path);
            var policy = ReadPolicy(ref fields);
            return fields.Fault is { } fault ? new PolicyReading(null, fault) : new PolicyReading(policy, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: the bytes of a string are no text.
            return new PolicyReading(null, new PolicyFault("invalid_value", $"'{path}' must be valid JSON.", path));
        }
    }

    private static ProviderPolicy ReadPolicy(ref PolicyFields fields)
    {
        var policy = ProviderPolicy.None;
        if (!fields.EnterRoot())
        {
            return policy;
        }

        while (fields.Next())
        {
            policy = fields.Name switch
            {
                "order" => policy with { Order = fields.Ids() },
                "only" => policy with { Only = fields.Ids() },
                "ignore" => policy with { Ignore = fields.Ids() },
                "allow_fallbacks" => policy with { AllowFallbacks = fields.Flag() },
                "max_price" => policy with { MaxPrice = ReadMaxPrice(ref fields) },
                { } name when NotBuilt.Contains(name) => Refuse(ref fields, policy),
                _ => Unknown(ref fields, policy),
            };
        }

        return policy;
    }

    private static MaxPrice? ReadMaxPrice(ref PolicyFields fields)
    {
        if (!fields.EnterField())
        {
            return null;
        }

        var caps = new MaxPrice();
        while (fields.Next())
        {
            caps = fields.Name switch
            {
                "prompt" => caps with { Prompt = fields.Amount() },
                "completion" => caps with { Completion = fields.Amount() },
                "image" => caps with { Image = fields.Amount() },
                "audio" => caps with { Audio = fields.Amount() },
                "request" => caps with { Request = fields.Amount() },
                _ => Unknown(ref fields, caps),
            };
        }

        // No cap in it: as if it were not there, so that a row does not lift its batch's caps by accident.
        return caps == new MaxPrice() ? null : caps;
    }

    private static ProviderPolicy Refuse(ref PolicyFields fields, ProviderPolicy policy)
    {
        if (!fields.SkipIfNotSet())
        {
            fields.Refuse("unsupported_parameter", "is not supported by this version yet: leave it out.");
        }

        return policy;
    }

    private static T Unknown<T>(ref PolicyFields fields, T same)
    {
        fields.Refuse("unknown_parameter", "is not a known field.");
        return same;
    }
}
