using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary>
/// What a user would write: read lines, <see cref="JsonDocument"/>, <see cref="StringContent"/>, read the answer as a
/// string, append a line. Nothing is durable, and the lines come in any order.
/// </summary>
internal static class NaiveLoop
{
    /// <summary>Sends all rows; how many there were.</summary>
    public static async Task<int> RunAsync(LoopJob job, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = job.Concurrency };
        using var client = new HttpClient(handler);
        using var input = new StreamReader(job.InputPath);
        await using var output = new StreamWriter(job.OutputPath) { NewLine = "\n" };
        var gate = new Lock();
        var rows = 0;

        async Task WorkAsync()
        {
            while (Next() is { } line)
            {
                var result = await SendAsync(client, job.Endpoint, line, cancellation);
                lock (gate)
                {
                    output.WriteLine(result);
                    rows++;
                }
            }
        }

        string? Next()
        {
            lock (input)
            {
                return input.ReadLine();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, job.Concurrency).Select(_ => Task.Run(WorkAsync, cancellation)));
        return rows;
    }

    private static async Task<string> SendAsync(HttpClient client, Uri endpoint, string line, CancellationToken cancellation)
    {
        using var row = JsonDocument.Parse(line);
        var customId = row.RootElement.GetProperty("custom_id").GetRawText();
        var body = row.RootElement.GetProperty("body").GetRawText();
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await client.PostAsync(endpoint, content, cancellation);
        var answer = await response.Content.ReadAsStringAsync(cancellation);
        var status = (int)response.StatusCode;
        return $$$"""{"id":null,"custom_id":{{{customId}}},"response":{"status_code":{{{status}}},"request_id":null,"body":{{{answer}}}},"error":null}""";
    }
}
