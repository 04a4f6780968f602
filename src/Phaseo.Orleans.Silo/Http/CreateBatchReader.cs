using System.Runtime.InteropServices;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// Reads the body of a create by the contract's table "Create: request". By hand, since what matters is what may not
/// be there: unknown fields at any depth, names twice, wrong types; each with the full path of the field.
/// </summary>
internal static class CreateBatchReader
{
    private const int MaxSessionId = 256;
    private const int MaxFileId = 128;

    /// <summary>The request, or why it is refused. Whether the input file is there is for the creator to find out.</summary>
    public static (BatchRequest? Request, Refusal? Refusal) Read(ReadOnlyMemory<byte> body)
    {
        var (root, unreadable) = JsonBody.Parse(body);
        if (unreadable is not null)
        {
            return (null, unreadable);
        }

        var fault = new BodyFault();
        var fields = new BodyFields(root, "", fault);
        var inputFileId = InputFileId(fields);
        var endpoint = Endpoint(fields);
        var (windowText, window) = Window(fields);
        var metadata = MetadataReader.Read(fields);
        var sessionId = SessionId(fields);
        var outputExpiresAfter = Expiry(fields);
        RefuseWebhook(fields, fault);
        CheckDebug(fields, fault);
        RefuseSpendCap(fields, fault);
        var provider = Policy(fields, fault);
        fields.RefuseOthers();
        if (fault.First is { } first)
        {
            return (null, first);
        }

        return (new BatchRequest
        {
            InputFileId = inputFileId!,
            Endpoint = endpoint!,
            CompletionWindow = windowText,
            Window = window,
            Metadata = metadata,
            SessionId = sessionId,
            OutputExpiresAfter = outputExpiresAfter,
            Provider = provider,
        }, null);
    }

    private static string? InputFileId(BodyFields fields)
    {
        var id = fields.Text("input_file_id", required: true);
        if (id is { Length: 0 or > MaxFileId })
        {
            fields.Fail("input_file_id", $"'input_file_id' must have 1 to {MaxFileId} characters.");
        }

        return id;
    }

    private static string? Endpoint(BodyFields fields)
    {
        var endpoint = fields.Text("endpoint", required: true);
        if (endpoint is not null && !Endpoints.All.Contains(endpoint))
        {
            fields.Fail(
                "endpoint",
                $"This endpoint is not supported in batches. Supported values are: {BodyFields.Quoted(Endpoints.All.AsSpan())}.",
                "batch_unsupported_endpoint");
        }

        return endpoint;
    }

    private static (string Text, TimeSpan Window) Window(BodyFields fields)
    {
        var text = fields.Text("completion_window") ?? "24h";
        if (CompletionWindow.TryParse(text, out var window))
        {
            return (text, window);
        }

        fields.Fail(
            "completion_window",
            "'completion_window' must be a whole number followed by 'm', 'h' or 'd', from 1 minute to 30 days, such as '24h'.",
            "invalid_completion_window");
        return (text, default);
    }

    private static string? SessionId(BodyFields fields)
    {
        var id = fields.Text("session_id");
        if (id is not null && CodePoints.Count(id) > MaxSessionId)
        {
            fields.Fail("session_id", $"'session_id' must have at most {MaxSessionId} characters.");
        }

        return string.IsNullOrEmpty(id) ? null : id;
    }

    private static TimeSpan? Expiry(BodyFields fields)
    {
        if (fields.Object("output_expires_after") is not { } expiry)
        {
            return null;
        }

        expiry.Word("anchor", required: true, FileExpiry.Anchor);
        var seconds = expiry.Number("seconds", FileExpiry.MinSeconds, FileExpiry.MaxSeconds, required: true);
        expiry.RefuseOthers();
        return seconds is { } set ? TimeSpan.FromSeconds(set) : null;
    }

    private static void RefuseWebhook(BodyFields fields, BodyFault fault)
    {
        if (fields.Value("webhook") is not null)
        {
            fault.Keep(Refusal.Unsupported("webhook"));
        }
    }

    private static void CheckDebug(BodyFields fields, BodyFault fault)
    {
        if (fields.Object("debug") is not { } debug)
        {
            return;
        }

        if (debug.Flag("enabled") == true)
        {
            fault.Keep(Refusal.Unsupported("debug.enabled"));
        }

        debug.Flag("return_upstream_request");
        debug.Flag("return_upstream_response");
        debug.Flag("trace");
        debug.Word("trace_level", required: false, "summary", "full");
        debug.RefuseOthers();
    }

    private static void RefuseSpendCap(BodyFields fields, BodyFault fault)
    {
        if (fields.Value("max_cost_usd") is not null)
        {
            fault.Keep(Refusal.Unsupported("max_cost_usd"));
        }
    }

    private static ProviderPolicy Policy(BodyFields fields, BodyFault fault)
    {
        if (fields.Value("provider") is not { } value)
        {
            return ProviderPolicy.None;
        }

        var (policy, found) = ProviderPolicyReader.Read(JsonMarshal.GetRawUtf8Value(value), "provider");
        if (found is not null)
        {
            fault.Keep(Refusal.Invalid(found.Param, found.Message, found.Code));
        }

        return policy ?? ProviderPolicy.None;
    }
}
