using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>One line for a failure; with <c>--json</c> OpenAI's error body.</summary>
internal static class ErrorLine
{
    // For a terminal or a pipe, never for a page: apostrophes stay readable.
    private static readonly ClientJson Json = new(new JsonSerializerOptions(ClientJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter writer, Exception failure, bool json)
    {
        if (!json)
        {
            writer.WriteLine("phaseo: " + Describe(failure));
            return;
        }

        var detail = (failure as PhaseoApiException)?.Detail;
        var body = new ErrorBody(new ErrorDetail(
            detail?.Message ?? Describe(failure), detail?.Type ?? "client_error", detail?.Param, detail?.Code));
        writer.WriteLine(JsonSerializer.Serialize(body, Json.ErrorBody));
    }

    private static string Describe(Exception failure) => failure switch
    {
        CliException or PhaseoApiException => failure.Message,
        IOException or UnauthorizedAccessException => failure.Message,
        InvalidCatalogException or OptionsValidationException => failure.Message,
        _ => $"unexpected failure: {failure.GetType().Name}: {failure.Message} (--verbose shows where)",
    };
}
