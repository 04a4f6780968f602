using System.Collections.Immutable;
using System.Text.Json;

namespace Phaseo.Orleans.Routing;

/// <summary>Turns a catalog's JSON into providers and offers, gathering every error. One use each.</summary>
internal sealed class CatalogReader(string version)
{
    private readonly List<string> _errors = [];
    private readonly Dictionary<string, Provider> _providers = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _refused = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string Provider, string Model)> _offers = [];

    public (Catalog? Catalog, ImmutableArray<string> Errors) Read(JsonElement root)
    {
        if (JsonFields.Of(root, "$", _errors) is not { } file)
        {
            return (null, [.. _errors]);
        }

        var providers = file.Objects("providers", required: true).Select(ReadProvider).OfType<Provider>().ToImmutableArray();
        var offers = file.Objects("offers", required: true).Select(ReadOffer).OfType<Offer>().ToImmutableArray();
        file.RefuseOthers();
        return _errors.Count == 0 ? (new Catalog(version, providers, offers), []) : (null, [.. _errors]);
    }

    private Provider? ReadProvider(JsonFields fields)
    {
        var before = _errors.Count;
        var provider = ProviderForm.Read(fields);
        if (provider.Id.Length > 0 && !_providers.TryAdd(provider.Id, provider))
        {
            fields.Fault("id", $"\"{provider.Id}\" is there twice (case does not count).");
        }

        if (_errors.Count == before)
        {
            return provider;
        }

        // Its offers do refer to something: that it is faulty has been said.
        _refused.Add(provider.Id);
        return null;
    }

    private Offer? ReadOffer(JsonFields fields)
    {
        var before = _errors.Count;
        var provider = FindProvider(fields);
        var model = fields.Text("model", required: true);
        if (model is not null && model.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            fields.Fault("model", "must not hold spaces or control characters.");
        }

        if (provider is not null && model is not null && !_offers.Add((provider.Id, model)))
        {
            fields.Fault("model", $"\"{model}\" has two offers of \"{provider.Id}\".");
        }

        var upstreamModel = fields.Text("upstream_model", required: true);
        var offer = new Offer
        {
            Provider = provider!,
            Model = model!,
            UpstreamModel = upstreamModel!,
            Endpoints = ReadEndpoints(fields, provider),
            Batch = fields.Choice("batch", required: true, ("relay", BatchMode.Relay), ("native", BatchMode.Native)),
            Status = fields.Choice("status", required: true,
                ("active", OfferStatus.Active), ("alpha", OfferStatus.Alpha), ("disabled", OfferStatus.Disabled)),
            Quantization = ReadQuantization(fields),
            Distillable = fields.Flag("distillable") ?? false,
            SupportedParameters = fields.Texts("supported_parameters"),
            MaxOutputTokens = fields.Number("max_output_tokens", 1, 1_000_000_000),
            ContextLength = fields.Number("context_length", 1, 1_000_000_000),
            Prices = PriceForm.Read(fields),
        };
        fields.RefuseOthers();
        return _errors.Count == before && provider is not null ? offer : null;
    }

    private Provider? FindProvider(JsonFields fields)
    {
        if (fields.Text("provider", required: true, max: 64) is not { } id)
        {
            return null;
        }

        if (_providers.TryGetValue(id, out var provider) || _refused.Contains(id))
        {
            return provider;
        }

        fields.Fault("provider", $"\"{id}\" is no provider of this catalog.");
        return null;
    }

    private static ImmutableArray<string> ReadEndpoints(JsonFields fields, Provider? provider)
    {
        if (fields.Texts("endpoints", required: true) is not { } endpoints)
        {
            return [];
        }

        if (endpoints.IsEmpty || endpoints.Any(endpoint => !Endpoints.All.Contains(endpoint)))
        {
            fields.Fault("endpoints", $"must name one or more of {string.Join(", ", Endpoints.All)}.");
        }
        else if (provider?.Kind == ProviderKind.Anthropic && endpoints.Any(endpoint => endpoint != Endpoints.Messages))
        {
            fields.Fault("endpoints", $"a provider of kind anthropic serves {Endpoints.Messages} only.");
        }

        return [.. endpoints.Distinct(StringComparer.Ordinal)];
    }

    private static string ReadQuantization(JsonFields fields) => fields.Choice("quantization", required: false,
        ("int4", "int4"), ("int8", "int8"), ("fp4", "fp4"), ("mxfp4", "mxfp4"), ("nvfp4", "nvfp4"), ("fp6", "fp6"),
        ("fp8", "fp8"), ("mxfp8", "mxfp8"), ("fp16", "fp16"), ("bf16", "bf16"), ("fp32", "fp32"),
        ("unknown", "unknown")) ?? "unknown";

}
