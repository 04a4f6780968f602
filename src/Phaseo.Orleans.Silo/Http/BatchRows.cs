using System.Globalization;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>A batch's results while it runs and after.</summary>
internal static class BatchRows
{
    /// <summary>Result lines as they are in the files.</summary>
    public const string ContentType = "application/jsonl";

    private const int MaxLimit = 10_000;
    private const int DefaultLimit = 1000;

    // A page is put together before its headers can say where it ends. Most are far smaller.
    private const int MaxPageBytes = 8 * 1024 * 1024;

    /// <summary>Gives result lines in input order, up to the first row that is not recorded yet.</summary>
    public static async Task<IResult> GetAsync(string id, HttpContext http, Caller caller, BatchResults results)
    {
        var fields = new QueryFields(http.Request.Query);
        var afterLine = (int)(fields.Number("after_line", 0, int.MaxValue) ?? 0);
        var limit = (int)(fields.Number("limit", 1, MaxLimit) ?? DefaultLimit);
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        if (!Ids.IsBatch(id)
            || await results.ReadAsync(caller.Workspace, id, afterLine, limit, MaxPageBytes, http.RequestAborted) is not { } page)
        {
            return Refusal.NoSuchBatch(id);
        }

        var lastLine = page.Lines.IsEmpty ? afterLine : page.Lines[^1].Line;
        http.Response.Headers["X-Last-Line"] = lastLine.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["X-Incomplete"] = page.IsComplete ? "false" : "true";
        return new Lines(page);
    }

    private sealed class Lines(ResultsPage page) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.ContentLength = page.Lines.Sum(line => (long)line.Bytes.Length);
            foreach (var line in page.Lines)
            {
                await response.BodyWriter.WriteAsync(line.Bytes, httpContext.RequestAborted);
            }
        }
    }
}
