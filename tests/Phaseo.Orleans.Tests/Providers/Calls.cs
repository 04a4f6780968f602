using System.Text;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Providers;

/// <summary>Makes calls for tests of the adapters.</summary>
internal static class Calls
{
    public const string Chat = "/v1/chat/completions";

    public static readonly string[] Endpoints =
    [
        Chat, "/v1/responses", "/v1/embeddings", "/v1/completions", "/v1/moderations", "/v1/messages", "/v1/images/generations",
    ];

    public static Provider Provider(ProviderKind kind, Uri? baseUrl = null, string? keyEnv = null) =>
        new() { Id = kind.ToString(), Kind = kind, BaseUrl = baseUrl, ApiKeyEnv = keyEnv };

    public static UpstreamCall To(
        Provider provider, string body = """{"model":"m","messages":[]}""", string endpoint = Chat, string row = "batch_req_1", int attempt = 1)
    {
        var offer = new Offer
        {
            Provider = provider,
            Model = "house/m",
            UpstreamModel = "m",
            Endpoints = [endpoint],
            Prices = PriceTable.Empty,
        };
        return new UpstreamCall(offer, endpoint, Encoding.UTF8.GetBytes(body), row, attempt);
    }

    public static string Text(this UpstreamAnswer answer) => Encoding.UTF8.GetString(answer.Body.Span);
}
