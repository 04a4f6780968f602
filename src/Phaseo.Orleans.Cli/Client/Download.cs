using System.Net;
using System.Net.Http.Headers;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>One download: a broken connection is continued with a range request from the byte that is missing.</summary>
internal sealed class Download(HttpSender sender, string path)
{
    private const int BufferSize = 128 * 1024;

    // Breaks in a row without one byte between them.
    private const int MaxFruitless = 3;

    private long _position;

    /// <summary>Copies the whole content.</summary>
    public async Task CopyToAsync(Stream target, Action<long>? received, CancellationToken cancellation)
    {
        for (var fruitless = 0; fruitless < MaxFruitless;)
        {
            var before = _position;
            using var answer = await sender.SendAsync(MakeRequest, HttpSender.AnswerLimit, cancellation);
            if (await CopyAsync(answer, target, received, cancellation))
            {
                return;
            }

            fruitless = _position == before ? fruitless + 1 : 0;
        }

        throw new PhaseoApiException($"the download of {path} broke off after {_position} bytes");
    }

    private HttpRequestMessage MakeRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = _position == 0 ? null : new RangeHeaderValue(_position, null);
        return request;
    }

    /// <summary>False: the connection broke.</summary>
    private async Task<bool> CopyAsync(HttpResponseMessage answer, Stream target, Action<long>? received, CancellationToken cancellation)
    {
        if (_position > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
        {
            throw new PhaseoApiException($"the server cannot continue the download of {path} at byte {_position}", answer.StatusCode);
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[BufferSize];
        while (true)
        {
            int read;
            try
            {
                read = await body.ReadAsync(buffer, cancellation);
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                return false;
            }

            if (read == 0)
            {
                return true;
            }

            // Outside the try: a full disk is no broken connection.
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            _position += read;
            received?.Invoke(_position);
        }
    }
}
