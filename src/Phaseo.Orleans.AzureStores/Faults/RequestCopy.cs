
namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>A signed request that can be sent when its client is no longer there, by a connection of its own.</summary>
internal sealed class RequestCopy
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly HttpRequestMessage _request;

    private RequestCopy(HttpRequestMessage request) => _request = request;

    /// <summary>Copies a request with its content.</summary>
    public static async Task<RequestCopy> OfAsync(Azure.Core.Request request, CancellationToken cancellation)
    {
        var copy = new HttpRequestMessage(new HttpMethod(request.Method.Method), request.Uri.ToUri());
        if (request.Content is not null)
        {
            using var bytes = new MemoryStream();
            await request.Content.WriteToAsync(bytes, cancellation).ConfigureAwait(false);
            copy.Content = new ByteArrayContent(bytes.ToArray());
        }

        foreach (var header in request.Headers)
        {
            if (!copy.Headers.TryAddWithoutValidation(header.Name, header.Value))
            {
                copy.Content?.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
        }

        return new(copy);
    }

    /// <summary>Waits, sends it, and does not look at the answer.</summary>
    public async Task SendAfterAsync(TimeSpan delay)
    {
        await Task.Delay(delay, TimeProvider.System).ConfigureAwait(false);
        try
        {
            using var response = await Http.SendAsync(_request).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            // The service has gone meanwhile, and nobody waits for this.
        }
    }
}
