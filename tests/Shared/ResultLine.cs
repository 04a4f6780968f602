using System.Globalization;
using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>One line of an output or error file.</summary>
/// <param name="RowId"><c>batch_req_…</c>.</param>
/// <param name="CustomId">The client's id.</param>
/// <param name="StatusCode">The answer's status; null when there is no answer.</param>
/// <param name="Echo">The hash of the request's body that an <see cref="EchoUpstream"/> put into its answer, or null.</param>
/// <param name="Call">The serial of the call that was answered so, or null.</param>
/// <param name="InputTokens">The answer's <c>prompt_tokens</c>; 0 when it has none.</param>
/// <param name="OutputTokens">The answer's <c>completion_tokens</c>; 0 when it has none.</param>
/// <param name="ErrorCode">The line's own error; null when there is none.</param>
internal sealed record ResultLine(
    string RowId, string CustomId, int? StatusCode, ulong? Echo, long? Call, long InputTokens, long OutputTokens, string? ErrorCode)
{
    /// <exception cref="JsonException">The line is no JSON.</exception>
    /// <exception cref="KeyNotFoundException">A member is missing.</exception>
    /// <exception cref="InvalidOperationException">A member has the wrong type.</exception>
    public static ResultLine Parse(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var rowId = root.GetProperty("id").GetString()!;
        var customId = root.GetProperty("custom_id").GetString()!;
        var error = root.GetProperty("error");
        var code = error.ValueKind == JsonValueKind.Null ? null : error.GetProperty("code").GetString();
        var response = root.GetProperty("response");
        if (response.ValueKind == JsonValueKind.Null)
        {
            return new ResultLine(rowId, customId, null, null, null, 0, 0, code);
        }

        var body = response.GetProperty("body");
        return new ResultLine(
            rowId,
            customId,
            response.GetProperty("status_code").GetInt32(),
            Text(body, "echo") is { } echo ? ulong.Parse(echo, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : null,
            Text(body, "call") is { } call ? long.Parse(call, CultureInfo.InvariantCulture) : null,
            Tokens(body, "prompt_tokens"),
            Tokens(body, "completion_tokens"),
            code);
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long Tokens(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("usage", out var usage) && usage.TryGetProperty(name, out var value)
            ? value.GetInt64()
            : 0;
}
