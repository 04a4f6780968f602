using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>Turns a catalog's JSON into providers and offers, gathering every error. One use each.</summary>
internal sealed class CatalogReader(string version)
{
    private const decimal MaxPriceUsd = 1_000_000m;

    // The simulator's answers do not come from a network: an hour is as good as never.
    private const long MaxLatencyMs = 3_600_000;

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
        var id = fields.Text("id", required: true, max: 64);
        if (id is not null && !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            fields.Fault("id", "may hold letters, digits, '-', '_' and '.'.");
        }

        var kind = fields.Choice("kind", required: true,
            ("openai", ProviderKind.OpenAi), ("anthropic", ProviderKind.Anthropic), ("simulator", ProviderKind.Simulator));
        var provider = new Provider
        {
            Id = id ?? "",
            Kind = kind,
            BaseUrl = ReadBaseUrl(fields, kind),
            ApiKeyEnv = ReadKeyName(fields),
            MaxConcurrency = (int)(fields.Number("max_concurrency", 1, 100_000) ?? 64),
            RequestsPerMinute = (int?)fields.Number("requests_per_minute", 1, int.MaxValue),
            TokensPerMinute = fields.Number("tokens_per_minute", 1, long.MaxValue),
            ExecutionRegions = fields.Texts("execution_regions") ?? [],
            DataRegions = fields.Texts("data_regions") ?? [],
            ZeroDataRetention = fields.Choice("zero_data_retention", required: false,
                ("none", ZeroDataRetention.None), ("optional", ZeroDataRetention.Optional), ("default", ZeroDataRetention.Default)),
            TrainsOnData = fields.Flag("trains_on_data"),
            Simulator = ReadSimulator(fields, kind),
        };
        fields.RefuseOthers();
        if (id is not null && !_providers.TryAdd(id, provider))
        {
            fields.Fault("id", $"\"{id}\" is there twice (case does not count).");
        }

        if (_errors.Count == before)
        {
            return provider;
        }

        // Its offers do refer to something: that it is faulty has been said.
        _refused.Add(provider.Id);
        return null;
    }

    private static Uri? ReadBaseUrl(JsonFields fields, ProviderKind kind)
    {
        var text = fields.Text("base_url", required: kind is ProviderKind.OpenAi or ProviderKind.Anthropic, max: 2048);
        if (text is null)
        {
            return null;
        }

        if (kind == ProviderKind.Simulator)
        {
            fields.Fault("base_url", "is not for a simulator, which calls nobody.");
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            && url is { UserInfo: "", Query: "", Fragment: "" })
        {
            return url;
        }

        fields.Fault("base_url", "must be an absolute http or https URL without user, query and fragment.");
        return null;
    }

    private static string? ReadKeyName(JsonFields fields)
    {
        var name = fields.Text("api_key_env", max: 128);
        if (name is not null && !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            // A key pasted here by mistake must not end up in the log: the value is not repeated.
            fields.Fault("api_key_env", "must be the name of an environment variable: letters, digits and '_'.");
        }

        return name;
    }

    private static SimulatorSettings? ReadSimulator(JsonFields fields, ProviderKind kind)
    {
        if (fields.Object("simulator") is not { } settings)
        {
            return kind == ProviderKind.Simulator ? new SimulatorSettings() : null;
        }

        if (kind != ProviderKind.Simulator)
        {
            fields.Fault("simulator", "is only for providers of kind simulator.");
        }

        var usual = new SimulatorSettings();
        var read = new SimulatorSettings
        {
            Latency = settings.Number("latency_ms", 0, MaxLatencyMs) is { } ms ? TimeSpan.FromMilliseconds(ms) : usual.Latency,
            OutputTokens = (int)(settings.Number("output_tokens", 1, 100_000) ?? usual.OutputTokens),
            ErrorRate = settings.Share("error_rate") ?? usual.ErrorRate,
            ThrottleRate = settings.Share("throttle_rate") ?? usual.ThrottleRate,
        };
        settings.RefuseOthers();
        return read;
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
            Prices = ReadPrices(fields),
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

    private static PriceTable ReadPrices(JsonFields offer)
    {
        var rules = ImmutableArray.CreateBuilder<PriceRule>();
        foreach (var fields in offer.Objects("prices", required: true))
        {
            var meter = fields.Choice("meter", required: true,
                ("input_tokens", Meter.InputTokens), ("cached_input_tokens", Meter.CachedInputTokens),
                ("cache_write_input_tokens", Meter.CacheWriteInputTokens), ("output_tokens", Meter.OutputTokens),
                ("reasoning_tokens", Meter.ReasoningTokens), ("images", Meter.Images),
                ("audio_minutes", Meter.AudioMinutes), ("requests", Meter.Requests));
            var plan = fields.Choice("plan", required: true, ("standard", PricePlan.Standard), ("batch", PricePlan.Batch));
            var unitSize = fields.Number("unit_size", 1, PriceRule.MaxUnitSize, required: true);
            var price = fields.Amount("price_usd", MaxPriceUsd, PriceRule.MaxDecimals);
            CheckSource(fields);
            fields.RefuseOthers();
            if (rules.Any(rule => rule.Meter == meter && rule.Plan == plan))
            {
                fields.Fault("meter", "has two prices in one plan.");
            }

            rules.Add(new PriceRule(meter, unitSize ?? 1, price ?? 0, plan));
        }

        return new PriceTable(rules.ToImmutable());
    }

    // For the reader of the file: nothing here depends on when or where a price was found.
    private static void CheckSource(JsonFields fields)
    {
        if (fields.Text("as_of") is { } day
            && !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            fields.Fault("as_of", "must be a date like 2026-01-31.");
        }

        if (fields.Text("source_url", max: 2048) is { } source
            && !(Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme == "https"))
        {
            fields.Fault("source_url", "must be an https URL.");
        }
    }
}
