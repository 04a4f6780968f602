namespace Phaseo.Orleans.Routing;

/// <summary>A provider as the catalog file writes it.</summary>
internal static class ProviderForm
{
    // The simulator's answers do not come from a network: an hour is as good as never.
    private const long MaxLatencyMs = 3_600_000;

    /// <summary>The provider; what is faulty is said and stands in. Its id is empty when there is none.</summary>
    public static Provider Read(JsonFields fields)
    {
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
        return provider;
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
}
