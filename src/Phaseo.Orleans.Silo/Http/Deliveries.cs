namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// Notes that a client has been given its answer, once the last byte has been handed over. As long as that is not
/// noted, the next identical request is given the same thing again.
/// </summary>
internal static partial class Deliveries
{
    /// <summary>Calls <paramref name="mark"/> after the answer, unless the client has gone.</summary>
    public static void Watch(HttpContext http, Func<Task> mark) => http.Response.OnCompleted(async () =>
    {
        // An aborted request completes too; then nobody can have read the answer.
        if (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await mark();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The answer is right and out. A repetition is then taken for a retry a while longer than it should be.
            var loggers = http.RequestServices.GetRequiredService<ILoggerFactory>();
            LogUnmarked(loggers.CreateLogger(typeof(Deliveries)), e, http.TraceIdentifier);
        }
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "The delivery of the answer to {RequestId} could not be noted.")]
    private static partial void LogUnmarked(ILogger logger, Exception failure, string requestId);
}
